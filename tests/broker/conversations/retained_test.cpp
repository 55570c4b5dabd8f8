/// Retained messages: kept, replaced, removed, replayed.

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "support/broker_fixture.h"

using namespace test;
using mqtt::PropertyId;
using std::chrono::seconds;

namespace {

void retain(BrokerFixture& broker, const std::string& topic, const std::string& payload,
            int qos = 1) {
  Peer publisher = broker.peer();
  publisher.open(connect("retainer").v5());
  publisher.send(publish(topic, payload).qos(qos).id(qos == 0 ? 0 : 1).retain());
  if (qos == 1) publisher.receive<mqtt::Puback>();
  publisher.expect_nothing();
}

}  // namespace

TEST_CASE("a new subscription receives the retained message after its SUBACK") {
  // [MQTT-3.3.1-5] [MQTT311-3.3.1-8]
  const unsigned workers = GENERATE(1U, 4U);
  const auto version =
      GENERATE(mqtt::ProtocolVersion::v31, mqtt::ProtocolVersion::v311, mqtt::ProtocolVersion::v5);
  BrokerFixture broker(workers);
  retain(broker, "a/b", "old");
  retain(broker, "a/b", "new");
  Peer peer = broker.peer();
  peer.open(connect("a").version(version));
  peer.send(subscribe(1, "a/#", 2));
  peer.expect(suback(1, {2}));
  peer.expect(publish("a/b", "new").qos(1).id(1).retain());
  peer.expect_nothing();
}

TEST_CASE("an empty payload removes what was retained, and is delivered live") {  // [MQTT-3.3.1-6]
                                                                                  // [MQTT-3.3.1-7]
  BrokerFixture broker;
  retain(broker, "t", "x");
  Peer live = broker.peer();
  live.open(connect("live"));
  live.send(subscribe(1, "t", 0));
  live.expect(suback(1, {0}));
  live.expect(publish("t", "x").retain());
  retain(broker, "t", "");
  live.expect(publish("t", ""));
  Peer late = broker.peer();
  late.open(connect("late"));
  late.send(subscribe(1, "t", 0));
  late.expect(suback(1, {0}));
  late.expect_nothing();
}

TEST_CASE("a message without the flag leaves the retained one alone") {  // [MQTT-3.3.1-8]
  BrokerFixture broker;
  retain(broker, "t", "kept");
  Peer peer = broker.peer();
  peer.open(connect("a"));
  peer.send(publish("t", "passing"));
  peer.send(subscribe(1, "t", 0));
  peer.expect(suback(1, {0}));
  peer.expect(publish("t", "kept").retain());
}

TEST_CASE("Retain Handling says when a subscription receives them") {
  BrokerFixture broker;
  retain(broker, "t", "x");
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  const auto ask = [&](std::uint16_t id, int handling, bool expected) {
    peer.send(subscribe(id).filter("t").retain_handling(handling));
    peer.expect(suback(id, {0}));
    if (expected) peer.expect(publish("t", "x").retain());
    peer.expect_nothing();
  };
  SECTION("0: always") {  // [MQTT-3.3.1-9] [MQTT-3.8.4-4]
    ask(1, 0, true);
    ask(2, 0, true);
  }
  SECTION("1: if the subscription is new") {  // [MQTT-3.3.1-10]
    ask(1, 1, true);
    ask(2, 1, false);
  }
  SECTION("2: never") {  // [MQTT-3.3.1-11]
    ask(1, 2, false);
    ask(2, 2, false);
  }
}

TEST_CASE("a retained message outlives the session of its publisher") {  // [MQTT311-3.1.2-7]
  BrokerFixture broker;
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publisher.send(publish("t", "x").retain());
  publisher.send(disconnect());
  publisher.expect_closed();
  Peer again = broker.peer();
  CHECK_FALSE(again.open(connect("p").clean(false))->session_present);
  again.send(subscribe(1, "t", 0));
  again.expect(suback(1, {0}));
  again.expect(publish("t", "x").retain());
}

TEST_CASE("a share group receives no retained messages") {
  BrokerFixture broker;
  retain(broker, "t", "x");
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1, "$share/g/t", 0));
  peer.expect(suback(1, {0}));
  peer.expect_nothing();
}

TEST_CASE(
    "retained messages expire, and say how long they have left") {  // [MQTT-3.3.2-5] [MQTT-3.3.2-6]
  BrokerFixture broker;
  Peer publisher = broker.peer();
  publisher.open(connect("p").v5());
  publisher.send(publish("t", "x").retain().with(PropertyId::message_expiry_interval, 100U));
  publisher.expect_nothing();
  broker.advance(seconds(40));
  Peer peer = broker.peer();
  peer.open(connect("a").v5().keepalive(0));
  peer.send(subscribe(1, "t", 0));
  peer.expect(suback(1, {0}));
  peer.expect(publish("t", "x").retain().with(PropertyId::message_expiry_interval, 60U));
  broker.advance(seconds(61));
  peer.send(subscribe(2, "t", 0));
  peer.expect(suback(2, {0}));
  peer.expect_nothing();
}

TEST_CASE("a replay far larger than window and queue arrives whole") {
  const unsigned workers = GENERATE(1U, 4U);
  const int qos = GENERATE(0, 1);
  BrokerFixture broker(workers, "max_inflight_messages 3\nmax_queued_messages 5");
  constexpr int topics = 3000;
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  for (int i = 0; i < topics; ++i)
    publisher.send(publish("r/" + std::to_string(i), "x").retain().qos(1).id(1));
  for (int i = 0; i < topics; ++i) publisher.expect(puback(1));
  Peer peer = broker.peer();
  peer.open(connect("a"));
  peer.send(subscribe(1, "r/+", qos));
  peer.expect(suback(1, {qos}));
  std::set<std::string> seen;
  for (int i = 0; i < topics; ++i) {
    const auto message = peer.receive<mqtt::Publish>();
    seen.emplace(message->topic);
    if (qos == 1) peer.send(puback(message->packet_id));
  }
  CHECK(seen.size() == topics);
  peer.expect_nothing();
  CHECK(broker->metrics().dropped() == 0);
  CHECK(broker->metrics().unaccounted() == 0);
}

TEST_CASE("a replay that a lost connection interrupts goes on in the session") {
  BrokerFixture broker(1, "max_inflight_messages 1");
  for (const char* topic : {"r/1", "r/2", "r/3"}) retain(broker, topic, "x");
  Peer first = broker.peer();
  first.open(connect("a").clean(false));
  first.send(subscribe(1, "r/#", 1));
  first.expect(suback(1, {1}));
  first.expect(publish("r/1", "x").qos(1).id(1).retain());
  first.close();
  Peer second = broker.peer();
  second.open(connect("a").clean(false));
  second.expect(publish("r/1", "x").qos(1).id(1).retain().dup());
  second.send(puback(1));
  second.expect(publish("r/2", "x").qos(1).id(2).retain());
  second.send(puback(2));
  second.expect(publish("r/3", "x").qos(1).id(3).retain());
}

// What is heard last is what is stored, also where publishers use different QoS.
TEST_CASE("a retained message of QoS 0 waits behind what is queued") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_inflight_messages 1");
  Peer reader = broker.peer();
  reader.open(connect("reader"));
  reader.send(subscribe(1, "t", 1));
  reader.expect(suback(1, {1}));
  Peer publisher = broker.peer();
  publisher.open(connect("publisher"));
  publisher.send(publish("t", "1").retain().qos(1).id(1));
  publisher.send(publish("t", "2").retain().qos(1).id(2));
  publisher.expect(puback(1));
  publisher.expect(puback(2));
  publisher.send(publish("t", "not retained"));
  publisher.send(publish("t", "3").retain());
  publisher.send(publish("t", "after it"));  // [MQTT-4.6.0-6]
  reader.expect(publish("t", "1").qos(1).id(1));
  reader.expect(publish("t", "not retained"));
  reader.expect_nothing();
  reader.send(puback(1));
  reader.expect(publish("t", "2").qos(1).id(2));
  reader.expect(publish("t", "3"));
  reader.expect(publish("t", "after it"));
  // Nothing is queued any more.
  publisher.send(publish("t", "4").retain());
  reader.expect(publish("t", "4"));
  CHECK(broker->metrics().unaccounted() == 0);
}
