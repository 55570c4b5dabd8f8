/// Wills: when they are published, when not, and with what.

#include <catch2/catch.hpp>
#include <thread>

#include "support/broker_fixture.h"

using namespace test;
using mqtt::PropertyId;
using std::chrono::seconds;

namespace {

Peer witness_of(BrokerFixture& broker, const char* filter) {
  Peer witness = broker.peer();
  witness.open(connect("witness").v5().keepalive(0));
  witness.send(subscribe(1, filter, 2));
  witness.expect(suback(1, {2}));
  return witness;
}

}  // namespace

TEST_CASE(
    "the Will is published when the connection is lost, not when it is ended") {  // [MQTT-3.1.2-8]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer witness = witness_of(broker, "will");
  Peer mortal = broker.peer();
  mortal.open(connect("mortal").v5().will("will", "gone", 1));
  SECTION("lost") {
    mortal.close();
    witness.expect(publish("will", "gone").qos(1).id(1));
  }
  SECTION("reset") {
    mortal.reset();
    witness.expect(publish("will", "gone").qos(1).id(1));
  }
  SECTION("ended") {  // [MQTT-3.1.2-10] [MQTT-3.14.4-3]
    mortal.send(disconnect());
    mortal.expect_closed();
    witness.expect_nothing();
  }
  SECTION("ended with 0x04") {
    mortal.send(disconnect(0x04));
    witness.expect(publish("will", "gone").qos(1).id(1));
  }
  SECTION("ended with an error") {
    mortal.send(disconnect(0x80));
    witness.expect(publish("will", "gone").qos(1).id(1));
  }
  SECTION("after a broken rule") {
    mortal.send("c1 00");
    witness.expect(publish("will", "gone").qos(1).id(1));
  }
}

TEST_CASE("the Will is published when the keep alive runs out") {
  BrokerFixture broker;
  Peer witness = witness_of(broker, "will");
  Peer mortal = broker.peer();
  mortal.open(connect("mortal").keepalive(10).will("will", "silent"));
  broker.advance(seconds(16));
  witness.expect(publish("will", "silent"));
}

TEST_CASE("a Will stays if it is retained") {  // [MQTT-3.1.2-14] [MQTT-3.1.2-15]
  const bool retained = GENERATE(false, true);
  BrokerFixture broker;
  Peer witness = witness_of(broker, "will");
  Peer mortal = broker.peer();
  mortal.open(connect("mortal").will("will", "gone", 0, retained));
  mortal.close();
  witness.expect(publish("will", "gone"));
  Peer late = broker.peer();
  late.open(connect("late"));
  late.send(subscribe(1, "will", 0));
  late.expect(suback(1, {0}));
  if (retained) late.expect(publish("will", "gone").retain());
  late.expect_nothing();
}

TEST_CASE("without a Will, nothing is published at the end") {  // [MQTT311-3.1.2-12]
  BrokerFixture broker;
  Peer witness = witness_of(broker, "#");
  Peer mortal = broker.peer();
  mortal.open(connect("mortal"));
  mortal.send("c1 00");
  mortal.expect_closed();
  witness.expect_nothing();
}

TEST_CASE("a Will travels with its properties") {  // [MQTT-3.1.3-10]
  BrokerFixture broker;
  Peer witness = witness_of(broker, "will");
  Peer mortal = broker.peer();
  mortal.open(connect("mortal")
                  .v5()
                  .will("will", "gone")
                  .will_with(PropertyId::payload_format_indicator, 1U)
                  .will_with(PropertyId::message_expiry_interval, 60U)
                  .will_with(PropertyId::content_type, "text/plain")
                  .will_with(PropertyId::response_topic, "answer")
                  .will_with(PropertyId::correlation_data, "id")
                  .will_user_property("k", "v")
                  .will_user_property("a", "1")
                  .will_user_property("k", "2"));
  mortal.close();
  witness.expect(publish("will", "gone")
                     .with(PropertyId::payload_format_indicator, 1U)
                     .with(PropertyId::content_type, "text/plain")
                     .with(PropertyId::response_topic, "answer")
                     .with(PropertyId::correlation_data, "id")
                     .user_property("k", "v")
                     .user_property("a", "1")
                     .user_property("k", "2")
                     .with(PropertyId::message_expiry_interval, 60U));
}

TEST_CASE("a delayed Will waits for its delay or the end of the session, whichever comes first") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer witness = witness_of(broker, "will");
  const auto mortal_with = [&](std::uint32_t expiry_s, std::uint32_t delay_s) {
    Peer mortal = broker.peer();
    mortal.open(connect("mortal")
                    .v5()
                    .with(PropertyId::session_expiry_interval, expiry_s)
                    .will("will", "gone")
                    .will_with(PropertyId::will_delay_interval, delay_s));
    mortal.send(disconnect(0x04));
    mortal.expect_closed();
  };
  SECTION("the delay comes first") {  // [MQTT-3.1.2-7]
    mortal_with(100, 10);
    broker.advance(seconds(9));
    witness.expect_nothing();
    broker.advance(seconds(2));
    witness.expect(publish("will", "gone"));
  }
  SECTION("the session ends first") {
    mortal_with(5, 1000);
    broker.advance(seconds(7));
    witness.expect(publish("will", "gone"));
  }
  SECTION("without a session there is no delay") {
    mortal_with(0, 1000);
    witness.expect(publish("will", "gone"));
  }
  SECTION("a client that comes back in time withdraws it") {  // [MQTT-3.1.3-9]
    mortal_with(100, 10);
    Peer back = broker.peer();
    CHECK(back.open(connect("mortal").v5().clean(false).with(PropertyId::session_expiry_interval,
                                                             100U))
              ->session_present);
    broker.advance(seconds(60));
    witness.expect_nothing();
  }
  SECTION("a Clean Start ends the session, and so the waiting") {
    mortal_with(100, 10);
    Peer back = broker.peer();
    back.open(connect("mortal").v5().clean());
    witness.expect(publish("will", "gone"));
  }
}

TEST_CASE("on take-over the Will is published if the session does not go on") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer witness = witness_of(broker, "will");
  SECTION("the new connection is clean") {
    Peer old = broker.peer();
    old.open(connect("mortal").clean(false).will("will", "gone"));
    Peer fresh = broker.peer();
    fresh.open(connect("mortal"));
    witness.expect(publish("will", "gone"));
  }
  SECTION("the old session was to end with its connection") {
    Peer old = broker.peer();
    old.open(connect("mortal").v5().will("will", "gone"));
    Peer fresh = broker.peer();
    fresh.open(connect("mortal").v5().clean(false));
    witness.expect(publish("will", "gone"));
  }
  SECTION("the session goes on: withdrawn") {
    Peer old = broker.peer();
    old.open(connect("mortal").clean(false).will("will", "gone"));
    Peer fresh = broker.peer();
    fresh.open(connect("mortal").clean(false));
    old.expect_closed();
    witness.expect_nothing();
  }
}

TEST_CASE("when the broker stops, every Will is published, and v5 clients are told 0x8B") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer witness = witness_of(broker, "will/#");
  Peer connected = broker.peer();
  connected.open(connect("connected").will("will/connected", "1"));
  Peer delayed = broker.peer();
  delayed.open(connect("delayed")
                   .v5()
                   .with(PropertyId::session_expiry_interval, 100U)
                   .will("will/delayed", "2")
                   .will_with(PropertyId::will_delay_interval, 50U));
  delayed.send(disconnect(0x04));
  delayed.expect_closed();
  delayed.close();
  std::jthread stopping([&] { broker.stop(); });
  witness.expect_in_any_order({publish("will/connected", "1"), publish("will/delayed", "2")});
  witness.expect(disconnect(0x8B));
  witness.expect_closed();
  connected.expect_closed();
  witness.close();
  connected.close();
}
