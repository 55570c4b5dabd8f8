/// Acknowledgements from a client, in and out of place.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;

namespace {

/// A client with one QoS 1 message (identifier 1) and one QoS 2 message (identifier 2) in flight.
Peer with_messages(BrokerFixture& broker, bool v5) {
  Peer peer = broker.peer();
  peer.open(v5 ? connect("a").v5() : connect("a"));
  peer.send(subscribe(1).filter("one", 1).filter("two", 2));
  peer.expect(suback(1, {1, 2}));
  peer.send(publish("one", "1").qos(1).id(10));
  peer.expect_in_any_order({puback(10), publish("one", "1").qos(1).id(1)});
  peer.send(publish("two", "2").qos(2).id(11));
  peer.expect(pubrec(11));
  peer.send(pubrel(11));
  peer.expect_in_any_order({pubcomp(11), publish("two", "2").qos(2).id(2)});
  return peer;
}

}  // namespace

TEST_CASE("acknowledgements of unknown packets harm nobody") {
  BrokerFixture broker;
  Peer peer = with_messages(broker, true);
  peer.send(puback(99));
  peer.send(pubcomp(98));
  peer.expect_nothing();
  peer.send(pubrec(97));
  peer.expect(pubrel(97));
  peer.send(pubrel(96));
  peer.expect(pubcomp(96));
}

TEST_CASE("a flow runs to its end") {  // [MQTT-4.3.2-1] [MQTT-4.3.3-1] [MQTT-4.3.3-4]
  const bool v5 = GENERATE(false, true);
  BrokerFixture broker;
  Peer peer = with_messages(broker, v5);
  peer.send(puback(1));
  peer.send(pubrec(2));
  peer.expect(pubrel(2));
  peer.send(pubcomp(2));
  peer.expect_nothing();
  CHECK(broker->metrics().total(broker::Count::delivered_qos1) == 1);
  CHECK(broker->metrics().total(broker::Count::delivered_qos2) == 1);
  CHECK(broker->metrics().unaccounted() == 0);
}

TEST_CASE("an error in PUBREC ends the flow and frees its slot") {  // [MQTT-4.3.3-4]
  BrokerFixture broker;
  Peer peer = with_messages(broker, true);
  peer.send(pubrec(2, 0x97));
  peer.expect_nothing();
  CHECK(broker->metrics().total(broker::DropReason::refused_by_client) == 1);
}

TEST_CASE("the wrong acknowledgement is a broken rule") {
  BrokerFixture broker;
  SECTION("v5 hears 0x82") {
    Peer peer = with_messages(broker, true);
    SECTION("PUBACK for QoS 2") {
      peer.send(puback(2));
    }
    SECTION("PUBREC for QoS 1") {
      peer.send(pubrec(1));
    }
    SECTION("PUBCOMP before PUBREL") {
      peer.send(pubcomp(2));
    }
    peer.expect(disconnect(0x82));
    peer.expect_closed();
  }
  SECTION("3.x is closed") {
    Peer peer = with_messages(broker, false);
    peer.send(puback(2));
    peer.expect_closed();
  }
}

TEST_CASE("malformed acknowledgements end the connection") {
  struct Row {
    const char* name;
    const char* v5;
    int reason;
    const char* v311;
  };
  const Row rows[] = {
      {"identifier 0", "40 02 0000", 0x82, "40 02 0000"},
      {"a reason code of another packet", "40 03 0001 92", 0x82, nullptr},
      {"PUBREL with other flags", "60 02 0001", 0x81, "60 02 0001"},  // [MQTT-3.6.1-1]
      {"extra bytes", "40 05 0001 00 00 00", 0x81, "40 03 0001 00"},
      {"too short", "40 01 00", 0x81, "40 01 00"},
  };
  BrokerFixture broker;
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Peer peer = broker.peer();
      peer.open(connect("a").v5());
      peer.send(row.v5);
      const auto goodbye = peer.receive<mqtt::Disconnect>();
      CHECK(mqtt::is_error(goodbye->reason));
      CHECK(static_cast<int>(goodbye->reason) == row.reason);
      peer.expect_closed();
      if (row.v311 == nullptr) return;
      Peer old = broker.peer();
      old.open(connect("b"));
      old.send(row.v311);
      old.expect_closed();
    }
  }
}

TEST_CASE("a QoS 2 message that comes again is answered again, once, and routed once") {
  // [MQTT-4.3.3-8] [MQTT-4.3.3-10] [MQTT-4.3.3-11]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer witness = broker.peer();
  witness.open(connect("w"));
  witness.send(subscribe(1, "t", 0));
  witness.expect(suback(1, {0}));
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(publish("t", "x").qos(2).id(1));
  peer.expect(pubrec(1));
  peer.send(publish("t", "x").qos(2).id(1).dup());
  peer.expect(pubrec(1));
  SECTION("then released") {
    peer.send(pubrel(1));
    peer.expect(pubcomp(1));
    peer.send(publish("t", "end"));
    witness.expect(publish("t", "x"));
    witness.expect(publish("t", "end"));
  }
  SECTION("a third time is a client out of step") {
    peer.send(publish("t", "x").qos(2).id(1).dup());
    peer.expect(disconnect(0x82));
    peer.expect_closed();
  }
  SECTION("another message under the same identifier takes its place") {
    peer.send(publish("t", "y").qos(2).id(1));
    peer.expect(pubrec(1));
    peer.send(pubrel(1));
    peer.expect(pubcomp(1));
    peer.send(publish("t", "end"));
    witness.expect(publish("t", "y"));
    witness.expect(publish("t", "end"));
  }
}

TEST_CASE("a QoS 2 message survives the connection on which it came") {
  BrokerFixture broker;
  Peer witness = broker.peer();
  witness.open(connect("w"));
  witness.send(subscribe(1, "t", 0));
  witness.expect(suback(1, {0}));
  Peer first = broker.peer();
  first.open(connect("a").clean(false));
  first.send(publish("t", "x").qos(2).id(1));
  first.expect(pubrec(1));
  first.close();
  Peer second = broker.peer();
  second.open(connect("a").clean(false));
  second.send(publish("t", "x").qos(2).id(1).dup());
  second.expect(pubrec(1));
  second.send(pubrel(1));
  second.expect(pubcomp(1));
  second.send(publish("t", "end"));
  witness.expect(publish("t", "x"));
  witness.expect(publish("t", "end"));
}
