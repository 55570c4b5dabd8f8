/// Sessions: what outlives a connection, for how long, and who takes over whom.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;
using mqtt::PropertyId;
using std::chrono::seconds;

namespace {

ConnectBuilder durable(const char* id, std::uint32_t expiry_s) {
  return connect(id).v5().clean(false).with(PropertyId::session_expiry_interval, expiry_s);
}

}  // namespace

TEST_CASE("a durable session keeps subscriptions and messages while its client is away") {
  // [MQTT-3.1.2-5] [MQTT-3.1.2-23]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer first = broker.peer();
  CHECK_FALSE(first.open(connect("sleeper").clean(false))->session_present);  // [MQTT-3.1.2-6]
  first.send(subscribe(1, "news", 1));
  first.expect(suback(1, {1}));
  first.send(disconnect());
  first.expect_closed();

  Peer publisher = broker.peer();
  publisher.open(connect("publisher"));
  publisher.send(publish("news", "0").qos(0));
  publisher.send(publish("news", "1").qos(1).id(1));
  publisher.expect(puback(1));
  publisher.send(publish("news", "2").qos(1).id(2));
  publisher.expect(puback(2));
  broker.advance(seconds(86'400 * 365));

  Peer stranger = broker.peer();
  CHECK_FALSE(stranger.open(connect("other").clean(false))->session_present);  // [MQTT-3.1.3-2]
  stranger.expect_nothing();
  Peer second = broker.peer();
  CHECK(second.open(connect("sleeper").clean(false))
            ->session_present);  // [MQTT-3.2.2-3] [MQTT-3.2.0-1]
  second.expect(publish("news", "1").qos(1).id(1));
  second.expect(publish("news", "2").qos(1).id(2));
  second.expect_nothing();  // QoS 0 was not kept
}

TEST_CASE(
    "Clean Start begins a new session and drops what was there") {  // [MQTT-3.1.2-4] [MQTT-3.2.2-2]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer first = broker.peer();
  first.open(durable("c", 1000));
  first.send(subscribe(1, "news", 1));
  first.expect(suback(1, {1}));
  first.send(disconnect());
  first.expect_closed();
  Peer second = broker.peer();
  CHECK_FALSE(second.open(connect("c").v5().clean())->session_present);
  second.send(publish("news", "x").qos(1).id(1));
  second.expect(puback(1, 0x10));  // nobody is subscribed any more
}

TEST_CASE(
    "a session lasts as long as its connection, whatever its expiry interval") {  // [MQTT-4.1.0-1]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  const std::uint32_t expiry_s = GENERATE(0U, 10U);
  Peer peer = broker.peer();
  peer.open(durable("c", expiry_s).keepalive(0));
  peer.send(subscribe(1, "t", 0));
  peer.expect(suback(1, {0}));
  broker.advance(seconds(1000));
  peer.send(publish("t", "still here"));
  peer.expect(publish("t", "still here"));
}

TEST_CASE("a session ends when its expiry interval has passed") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer first = broker.peer();
  first.open(durable("c", 100));
  first.send(disconnect());
  first.expect_closed();
  SECTION("not before") {  // [MQTT-3.1.2-23]
    broker.advance(seconds(99));
    Peer again = broker.peer();
    CHECK(again.open(durable("c", 100))->session_present);
  }
  SECTION("but then") {  // [MQTT-4.1.0-2]
    broker.advance(seconds(102));
    Peer again = broker.peer();
    CHECK_FALSE(again.open(durable("c", 100))->session_present);
    CHECK(broker->metrics().total(broker::Count::sessions_expired) == 1);
  }
}

TEST_CASE("without an expiry interval a v5 session ends with its connection") {
  BrokerFixture broker;
  Peer first = broker.peer();
  first.open(connect("c").v5().clean(false));
  first.close();
  Peer witness = broker.peer();
  witness.open(connect("w"));
  Peer again = broker.peer();
  CHECK_FALSE(again.open(connect("c").v5().clean(false))->session_present);
}

TEST_CASE("DISCONNECT may change the expiry interval, but not bring a session to life") {
  BrokerFixture broker;
  SECTION("shorter") {
    Peer first = broker.peer();
    first.open(durable("c", 100));
    first.send(disconnect().with(PropertyId::session_expiry_interval, 0U));
    first.expect_closed();
    Peer again = broker.peer();
    CHECK_FALSE(again.open(durable("c", 100))->session_present);
  }
  SECTION("from nothing: 0x82") {
    Peer first = broker.peer();
    first.open(connect("c").v5());
    first.send(disconnect().with(PropertyId::session_expiry_interval, 5U));
    first.expect(disconnect(0x82));
    first.expect_closed();
  }
}

TEST_CASE("persistent_client_expiration caps the life of every session") {
  BrokerFixture broker(1, "persistent_client_expiration 1h");
  Peer first = broker.peer();
  first.open(connect("c").clean(false));
  first.send(disconnect());
  first.expect_closed();
  broker.advance(seconds(3602));
  Peer again = broker.peer();
  CHECK_FALSE(again.open(connect("c").clean(false))->session_present);
}

TEST_CASE("a new connection takes the session over from the old one") {  // [MQTT-3.1.4-3]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  SECTION("v5 hears 0x8E") {
    Peer old = broker.peer();
    old.open(durable("c", 100));
    old.send(subscribe(1, "x", 1));
    old.expect(suback(1, {1}));
    Peer fresh = broker.peer();
    CHECK(fresh.open(durable("c", 100))->session_present);
    old.expect(disconnect(0x8E));  // without a Session Expiry Interval [MQTT-3.14.2-2]
    old.expect_closed();
    fresh.send(publish("x", "still subscribed").qos(1).id(9));
    fresh.expect_in_any_order({puback(9), publish("x", "still subscribed").qos(1).id(1)});
  }
  SECTION("3.x hears nothing") {
    Peer old = broker.peer();
    old.open(connect("c"));
    Peer fresh = broker.peer();
    fresh.open(connect("c"));
    old.expect_closed();
    fresh.expect_nothing();
  }
}

TEST_CASE("what was not acknowledged is sent again, first of all and in order") {  // [MQTT-4.4.0-1]
                                                                                   // [MQTT-4.6.0-1]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer first = broker.peer();
  first.open(connect("c").clean(false));
  first.send(subscribe(1, "x/#", 2));
  first.expect(suback(1, {2}));
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publisher.send(publish("x/1", "one").qos(1).id(1));
  publisher.expect(puback(1));
  publisher.send(publish("x/2", "two").qos(2).id(2));
  publisher.expect(pubrec(2));
  publisher.send(pubrel(2));
  publisher.expect(pubcomp(2));
  publisher.send(publish("x/3", "three").qos(2).id(3));
  publisher.expect(pubrec(3));
  publisher.send(pubrel(3));
  publisher.expect(pubcomp(3));

  first.expect(publish("x/1", "one").qos(1).id(1));
  first.expect(publish("x/2", "two").qos(2).id(2));
  first.expect(publish("x/3", "three").qos(2).id(3));
  first.send(pubrec(2));
  first.expect(pubrel(2));
  first.close();

  Peer second = broker.peer();
  CHECK(second.open(connect("c").clean(false))->session_present);
  second.expect(pubrel(2));
  second.expect(publish("x/1", "one").qos(1).id(1).dup());  // [MQTT-3.3.1-1]
  second.expect(publish("x/3", "three").qos(2).id(3).dup());
  second.send(pubcomp(2));
  second.send(puback(1));
  second.send(pubrec(3));
  second.expect(pubrel(3));
  second.send(pubcomp(3));
  second.expect_nothing();
  CHECK(broker->metrics().unaccounted() == 0);
}

TEST_CASE("what was sent once does not expire any more") {  // [MQTT-4.3.3-7]
  BrokerFixture broker;
  Peer first = broker.peer();
  first.open(durable("c", 1000));
  first.send(subscribe(1, "x", 2));
  first.expect(suback(1, {2}));
  first.send(publish("x", "1").qos(2).id(9).with(PropertyId::message_expiry_interval, 10U));
  first.expect(pubrec(9));
  first.send(pubrel(9));
  first.expect_in_any_order(
      {pubcomp(9), publish("x", "1").qos(2).id(1).with(PropertyId::message_expiry_interval, 10U)});
  first.close();
  broker.advance(seconds(20));
  Peer second = broker.peer();
  CHECK(second.open(durable("c", 1000))->session_present);
  const auto again = second.receive<mqtt::Publish>();
  CHECK(mqtt::as_text(again->payload) == "1");
  CHECK(again->dup);
  CHECK(again->packet_id == 1);
  second.send(pubrec(1));
  second.expect(pubrel(1));
}

TEST_CASE("nothing is sent again while the connection lasts") {  // [MQTT-4.4.0-1]
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("c").keepalive(0));
  peer.send(subscribe(1, "x", 1));
  peer.expect(suback(1, {1}));
  peer.send(publish("x", "1").qos(1).id(1));
  peer.expect_in_any_order({puback(1), publish("x", "1").qos(1).id(1)});
  broker.advance(seconds(3600));
  peer.expect_nothing();
}

TEST_CASE("a session of 3.1 is resumed without saying so") {
  BrokerFixture broker;
  Peer first = broker.peer();
  first.open(connect("c").v31().clean(false));
  first.send(subscribe(1, "x", 1));
  first.expect(suback(1, {1}));
  first.send(disconnect());
  first.expect_closed();
  Peer again = broker.peer();
  CHECK_FALSE(again.open(connect("c").v31().clean(false))->session_present);
  again.send(publish("x", "1").qos(1).id(4));
  again.expect_in_any_order({puback(4), publish("x", "1").qos(1).id(1)});
}
