/// SUBSCRIBE and UNSUBSCRIBE: answers, options, overlaps, and what is not a filter.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;
using mqtt::PropertyId;

TEST_CASE("what is not a valid SUBSCRIBE ends the connection") {
  struct Row {
    const char* name;
    const char* v5;
    int reason;
    const char* v311;
  };
  const Row rows[] = {
      {"an empty filter", "82 06 0001 00 0000 00", 0x81, "82 05 0001 0000 00"},  // [MQTT-4.7.3-1]
      {"a misplaced #", "82 09 0001 00 0003 'a#b' 00", 0x81,
       "82 08 0001 0003 'a#b' 00"},  // [MQTT-4.7.1-1]
      {"a misplaced +", "82 08 0001 00 0002 'a+' 00", 0x81,
       "82 07 0001 0002 'a+' 00"},  // [MQTT-4.7.1-2]
      {"QoS 3", "82 07 0001 00 0001 'a' 03", 0x81, "82 06 0001 0001 'a' 03"},
      {"Retain Handling 3", "82 07 0001 00 0001 'a' 30", 0x81, nullptr},
      {"a reserved option bit", "82 07 0001 00 0001 'a' 40", 0x81,
       "82 06 0001 0001 'a' 04"},                          // [MQTT-3.8.3-5]
      {"no filter", "82 03 0001 00", 0x81, "82 02 0001"},  // [MQTT-3.8.3-2]
      {"packet identifier 0", "82 07 0000 00 0001 'a' 00", 0x81, "82 06 0000 0001 'a' 00"},
      {"other flags", "80 07 0001 00 0001 'a' 00", 0x81,
       "80 06 0001 0001 'a' 00"},  // [MQTT-3.8.1-1]
      {"No Local on a share", "82 10 0001 00 000a '$share/g/x' 04", 0x82,
       nullptr},  // [MQTT-3.8.3-4]
      {"Subscription Identifier 0", "82 09 0001 02 0b 00 0001 'a' 00", 0x82, nullptr},
      {"a share without a filter", "82 0e 0001 00 0008 '$share/g' 00", 0x82,
       "82 0d 0001 0008 '$share/g' 00"},
      {"a share with nothing after its name", "82 0f 0001 00 0009 '$share/g/' 00", 0x82,
       nullptr},  // [MQTT-4.8.2-2]
      {"a wildcard in the share name", "82 11 0001 00 000b '$share/g+/x' 00", 0x81, nullptr},
      {"UNSUBSCRIBE without a filter", "a2 03 0001 00", 0x81, "a2 02 0001"},  // [MQTT-3.10.3-2]
      {"UNSUBSCRIBE with other flags", "a0 06 0001 00 0001 'a'", 0x81,
       "a0 05 0001 0001 'a'"},  // [MQTT-3.10.1-1]
  };
  BrokerFixture broker;
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Peer peer = broker.peer();
      peer.open(connect("a").v5());
      peer.send(row.v5);
      peer.expect(disconnect(row.reason));
      peer.expect_closed();
      if (row.v311 == nullptr) return;
      Peer old = broker.peer();
      old.open(connect("b"));
      old.send(row.v311);
      old.expect_closed();
    }
  }
}

TEST_CASE("a SUBACK answers every filter in its place") {
  // [MQTT-2.2.1-6] [MQTT-3.8.4-1] [MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.9.3-1]
  const auto version =
      GENERATE(mqtt::ProtocolVersion::v31, mqtt::ProtocolVersion::v311, mqtt::ProtocolVersion::v5);
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("a").version(version));
  peer.send(subscribe(7).filter("a", 0).filter("b/+", 1).filter("#", 2).filter("$share/g/x", 1));
  peer.expect(suback(7, {0, 1, 2, 1}));  // [MQTT-3.8.4-2]
}

TEST_CASE(
    "a client may ask for no more filters than max_subscriptions_per_client") {  // [MQTT-3.8.4-7]
  BrokerFixture broker(1, "max_subscriptions_per_client 2");
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1).filter("a").filter("b").filter("c").filter("a", 1));
  peer.expect(suback(1, {0, 0, 0x97, 1}));
  Peer old = broker.peer();
  old.open(connect("b"));
  old.send(subscribe(1).filter("a").filter("b").filter("c"));
  old.expect(suback(1, {0, 0, 0x80}));
}

TEST_CASE("UNSUBSCRIBE says what it found, and ends delivery") {
  // [MQTT-2.2.1-6] [MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-3.10.4-4] [MQTT-3.10.4-6] [MQTT-3.11.3-1]
  // [MQTT-3.11.3-2]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1).filter("a/b").filter("a/+"));
  peer.expect(suback(1, {0, 0}));
  peer.send(unsubscribe(2).filter("a/b").filter("a/#").filter("a/b"));
  peer.expect(unsuback(2, {0, 0x11, 0x11}));
  peer.send(publish("a/b", "x"));
  peer.expect(publish("a/b", "x"));  // through a/+
  peer.send(unsubscribe(3, "a/+"));
  peer.expect(unsuback(3, {0}));
  peer.send(publish("a/b", "x"));
  peer.expect_nothing();
  Peer old = broker.peer();
  old.open(connect("b"));
  old.send(unsubscribe(4, "never"));
  old.expect("b0 02 0004");  // [MQTT-3.10.4-5]
}

TEST_CASE("overlapping subscriptions give one copy each, with its own QoS and identifier") {
  // [MQTT-3.3.4-2] [MQTT-3.3.4-5]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1, "a/b", 2).with(PropertyId::subscription_identifier, 3U));
  peer.expect(suback(1, {2}));
  peer.send(subscribe(2, "a/+", 0));
  peer.expect(suback(2, {0}));
  peer.send(subscribe(3, "#", 1).with(PropertyId::subscription_identifier, 268'435'455U));
  peer.expect(suback(3, {1}));
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publisher.send(publish("a/b", "x").qos(1).id(1));
  publisher.expect(puback(1));
  // The exact level before + before #.
  peer.expect(publish("a/b", "x")
                  .qos(1)
                  .id(1)
                  .with(PropertyId::subscription_identifier, 3U));  // [MQTT-3.3.4-3]
  peer.expect(publish("a/b", "x"));
  peer.expect(
      publish("a/b", "x").qos(1).id(2).with(PropertyId::subscription_identifier, 268'435'455U));
}

TEST_CASE("subscribing again replaces the options of the same filter") {  // [MQTT-3.8.4-3]
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1, "t", 0).with(PropertyId::subscription_identifier, 1U));
  peer.expect(suback(1, {0}));
  peer.send(subscribe(2, "t", 1).with(PropertyId::subscription_identifier, 2U));
  peer.expect(suback(2, {1}));
  peer.send(publish("t", "x").qos(1).id(9));
  peer.expect_in_any_order(
      {puback(9), publish("t", "x").qos(1).id(1).with(PropertyId::subscription_identifier, 2U)});
  peer.expect_nothing();
}

TEST_CASE("subscribing again loses no message and sends none twice") {  // [MQTT-3.8.4-4]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1, "t", 1));
  peer.expect(suback(1, {1}));
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  for (std::uint16_t id = 1; id <= 20; ++id) {
    publisher.send(publish("t", std::to_string(id)).qos(1).id(id));
    peer.send(subscribe(id, "t", 1));
    peer.expect_in_any_order({suback(id, {1}), publish("t", std::to_string(id)).qos(1).id(id)});
    peer.send(puback(id));
  }
  peer.expect_nothing();
}

TEST_CASE("a delivery that has begun is completed after UNSUBSCRIBE") {  // [MQTT-3.10.4-3]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  Peer first = broker.peer();
  first.open(connect("a").clean(false));
  first.send(subscribe(1, "t", 2));
  first.expect(suback(1, {2}));
  publisher.send(publish("t", "one").qos(1).id(1));
  publisher.expect(puback(1));
  publisher.send(publish("t", "two").qos(2).id(2));
  publisher.expect(pubrec(2));
  publisher.send(pubrel(2));
  publisher.expect(pubcomp(2));
  first.expect(publish("t", "one").qos(1).id(1));
  first.expect(publish("t", "two").qos(2).id(2));
  first.send(unsubscribe(2, "t"));
  first.expect(unsuback(2));
  SECTION("on the same connection") {
    first.send(puback(1));
    first.send(pubrec(2));
    first.expect(pubrel(2));
    first.send(pubcomp(2));
    first.expect_nothing();
  }
  SECTION("on the next one") {
    first.close();
    Peer second = broker.peer();
    CHECK(second.open(connect("a").clean(false))->session_present);
    second.expect(publish("t", "one").qos(1).id(1).dup());
    second.expect(publish("t", "two").qos(2).id(2).dup());
    second.send(puback(1));
    second.send(pubrec(2));
    second.expect(pubrel(2));
    second.send(pubcomp(2));
    second.expect_nothing();
  }
}

TEST_CASE("No Local keeps a client's own messages from it") {  // [MQTT-3.8.3-3]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1).filter("t").no_local());
  peer.expect(suback(1, {0}));
  Peer other = broker.peer();
  other.open(connect("b"));
  peer.send(publish("t", "own"));
  peer.expect_nothing();
  other.send(publish("t", "other's"));
  peer.expect(publish("t", "other's"));
}

TEST_CASE("live messages keep the retain flag only for Retain As Published") {  // [MQTT-3.3.1-12]
                                                                                // [MQTT-3.3.1-13]
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1).filter("t").filter("+").retain_as_published());
  peer.expect(suback(1, {0, 0}));
  peer.send(publish("t", "x").retain());
  peer.expect(publish("t", "x"));
  peer.expect(publish("t", "x").retain());
}

TEST_CASE("a bridge does not hear itself and keeps the retain flag") {
  BrokerFixture broker;
  Peer bridge = broker.peer();
  bridge.send("10 0d 0004 'MQTT' 84 02 003c 0001 'b'");
  bridge.expect("20 02 0000");
  bridge.send("82 06 0001 0001 't' 00");
  bridge.expect("90 03 0001 00");
  bridge.send("30 04 0001 't' 'x'");
  Peer other = broker.peer();
  other.open(connect("o"));
  other.send(publish("t", "y").retain());
  bridge.expect("31 04 0001 't' 'y'");
}

TEST_CASE("the operator may have messages delivered at the subscription's QoS") {
  BrokerFixture broker(1, "upgrade_outgoing_qos true");
  Peer peer = broker.peer();
  peer.open(connect("a"));
  peer.send(subscribe(1, "t", 1));
  peer.expect(suback(1, {1}));
  peer.send(publish("t", "x"));
  peer.expect(publish("t", "x").qos(1).id(1));
}
