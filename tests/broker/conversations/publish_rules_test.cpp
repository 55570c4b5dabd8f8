/// PUBLISH from a client: what is refused, and how the client hears of it.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;
using mqtt::PropertyId;

namespace {

struct Row {
  const char* name;
  const char* bytes;
  int v5_reason;  ///< of the DISCONNECT; 3.x clients only see the close
  bool v5_only = false;
};

/// A PUBLISH of 3.1.1 has no property length: rows for both are written without properties and get
/// a zero put in by the v5 half.
const Row rows_v5[] = {
    {"a wildcard in the topic", "30 04 0001 '#' 00", 0x81},  // [MQTT-3.3.2-2]
    {"an empty topic without alias", "30 03 0000 00", 0x81},
    {"a topic of bad UTF-8", "30 04 0001 ff 00", 0x81},                    // [MQTT-3.3.2-1]
    {"a topic with U+0000", "30 04 0001 00 00", 0x81},                     // [MQTT-1.5.4-2]
    {"QoS 3", "36 06 0001 'a' 0001 00", 0x81},                             // [MQTT-3.3.1-4]
    {"DUP at QoS 0", "38 04 0001 'a' 00", 0x81},                           // [MQTT-3.3.1-2]
    {"packet identifier 0", "32 06 0001 'a' 0000 00", 0x82},               // [MQTT-2.2.1-3]
    {"Topic Alias 0", "30 07 0001 'a' 03 23 0000", 0x82},                  // [MQTT-3.3.2-8]
    {"Topic Alias above the maximum", "30 07 0001 'a' 03 23 000b", 0x94},  // [MQTT-3.3.2-9]
    {"a Topic Alias that was never defined", "30 06 0000 03 23 0001", 0x82},
    {"Subscription Identifier from a client", "30 06 0001 'a' 02 0b 05", 0x82},   // [MQTT-3.3.4-6]
    {"a wildcard in the Response Topic", "30 08 0001 'a' 04 08 0001 '+'", 0x82},  // [MQTT-3.3.2-14]
    {"Payload Format Indicator 2", "30 06 0001 'a' 02 01 02", 0x82},
    {"a property twice", "30 08 0001 'a' 04 01 00 01 00", 0x82},
    {"an unknown property", "30 06 0001 'a' 02 7f 00", 0x81},
    {"a packet of no type", "00 00", 0x82},
    {"CONNACK", "20 03 00 00 00", 0x82},
    {"SUBACK", "90 04 0001 00 00", 0x82},
    {"UNSUBACK", "b0 04 0001 00 00", 0x82},
    {"PINGRESP", "d0 00", 0x82},
    {"AUTH without a method in CONNECT", "f0 00", 0x82},  // [MQTT-4.12.0-7]
};

const Row rows_v311[] = {
    {"a wildcard in the topic", "30 03 0001 '#'", 0},
    {"an empty topic", "30 02 0000", 0},
    {"QoS 3", "36 05 0001 'a' 0001", 0},
    {"DUP at QoS 0", "38 03 0001 'a'", 0},
    {"packet identifier 0", "32 05 0001 'a' 0000", 0},
    {"a packet of no type", "00 00", 0},
    {"SUBACK", "90 03 0001 00", 0},
    {"AUTH", "f0 00", 0},
    {"PINGREQ with a body", "c0 01 00", 0},
};

}  // namespace

TEST_CASE("a broken rule ends the connection, and v5 clients are told which") {
  // [MQTT-4.13.1-1] [MQTT-4.13.2-1] [MQTT-3.14.4-2]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  for (const Row& row : rows_v5) {
    DYNAMIC_SECTION("5: " << row.name) {
      Peer peer = broker.peer();
      peer.open(connect("a").v5());
      peer.send(row.bytes);
      peer.expect(disconnect(row.v5_reason));
      peer.expect_closed();
    }
  }
  for (const Row& row : rows_v311) {
    DYNAMIC_SECTION("3.1.1: " << row.name) {
      Peer peer = broker.peer();
      peer.open(connect("a"));
      peer.send(row.bytes);
      peer.expect_closed();
    }
  }
}

TEST_CASE("a topic has at most 200 separators") {
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(publish(std::string(200, '/'), "x").qos(1).id(1));
  peer.expect(puback(1, 0x10));
  peer.send(publish(std::string(201, '/'), "x").qos(1).id(2));
  peer.expect(disconnect(0x81));
  peer.expect_closed();
}

TEST_CASE("a packet larger than max_packet_size is not taken") {  // [MQTT-3.2.2-15]
  BrokerFixture broker(1, "max_packet_size 100");
  Peer peer = broker.peer();
  CHECK(peer.open(connect("a").v5())->properties.number(PropertyId::maximum_packet_size) == 100U);
  peer.send(publish("t", repeated(94)).qos(0));  // 2 + 3 + 1 + 94
  peer.expect_nothing();
  peer.send(publish("t", repeated(95)).qos(0));
  peer.expect(disconnect(0x95));
  peer.expect_closed();
  Peer old = broker.peer();
  old.open(connect("b"));
  old.send(publish("t", repeated(200)));
  old.expect_closed();
}

TEST_CASE("QoS above the listener's maximum, and retain where nothing is retained") {
  BrokerFixture broker(1, "max_qos 1\nretain_available false");
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  SECTION("QoS") {  // [MQTT-3.2.2-11]
    peer.send(publish("t", "x").qos(2).id(1));
    peer.expect(disconnect(0x9B));
  }
  SECTION("retain") {  // [MQTT-3.2.2-14]
    peer.send(publish("t", "x").retain());
    peer.expect(disconnect(0x9A));
  }
  SECTION("a subscription is granted what there is") {  // [MQTT-3.2.2-10]
    peer.send(subscribe(1, "t", 2));
    peer.expect(suback(1, {1}));
    peer.expect_nothing();
    return;
  }
  peer.expect_closed();
}

TEST_CASE("a message that may not be published is acknowledged with the reason, and goes nowhere") {
  // To 3.1.1, without the reason: [MQTT311-3.3.5-2]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "message_size_limit 10");
  Peer witness = broker.peer();
  witness.open(connect("w"));
  witness.send(subscribe(1).filter("#", 2).filter("$SYS/#", 2).filter("$CONTROL/#", 2));
  witness.expect(suback(1, {2, 2, 2}));
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  Peer old = broker.peer();
  old.open(connect("b"));

  struct Refused {
    const char* topic;
    const char* payload;
    int reason;
  };
  for (const Refused& row : {Refused{"$SYS/broker/uptime", "1", 0x87}, Refused{"$SYSx", "1", 0x87},
                             Refused{"$share/g/x", "1", 0x87}, Refused{"t", "12345678901", 0x95}}) {
    DYNAMIC_SECTION(row.topic) {
      peer.send(publish(row.topic, row.payload));
      peer.expect_nothing();
      peer.send(publish(row.topic, row.payload).qos(1).id(1));
      peer.expect(puback(1, row.reason));
      peer.send(publish(row.topic, row.payload).qos(2).id(2));
      peer.expect(pubrec(2, row.reason));
      old.send(publish(row.topic, row.payload).qos(1).id(1));
      old.expect(puback(1));
      old.send(publish(row.topic, row.payload).qos(2).id(2));
      old.expect(pubrec(2));
      old.send(pubrel(2));
      old.expect(pubcomp(2));
      peer.send(publish("end", "").qos(1).id(3));
      peer.expect(puback(3));
      witness.expect(publish("end", "").qos(1).id(1));
    }
  }
}

TEST_CASE("clients may use other topics that begin with a dollar sign") {
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("a"));
  peer.send(subscribe(1).filter("#", 0).filter("+/x", 0).filter("$own/#", 0));
  peer.expect(suback(1, {0, 0, 0}));
  peer.send(publish("$own/x", "1"));
  peer.expect(
      publish("$own/x", "1"));  // once: wildcards at the first level do not match it [MQTT-4.7.2-1]
  peer.expect_nothing();
}

TEST_CASE("a control topic without an endpoint is answered to the one who asked") {
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(publish("$CONTROL/x/v1", "{}").qos(1).id(1));
  peer.expect_in_any_order(
      {puback(1), publish("$CONTROL/x/v1/response", R"({"error": "endpoint not available"})")});
}

TEST_CASE("whether anyone is subscribed shows in the PUBACK") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(publish("t", "x").qos(1).id(1));
  peer.expect(puback(1, 0x10));
  peer.send(publish("t", "x").qos(2).id(2));
  peer.expect(pubrec(2));
  Peer old = broker.peer();
  old.open(connect("b"));
  old.send(publish("t", "x").qos(1).id(1));
  old.expect("40 02 0001");
}
