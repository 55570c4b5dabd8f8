/// What a subscription is shown of retained messages, and what is published while it is being shown
/// them: each message once, and none after a newer one of its topic.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;

namespace {

void publish_retained(Peer& publisher, const char* topic, const char* payload) {
  publisher.send(publish(topic, payload).qos(1).id(1).retain());
  const auto ack = publisher.receive<mqtt::Puback>();
  CHECK(ack->packet_id == 1);
}

}  // namespace

TEST_CASE(
    "a retained message that is replaced before the window lets it out is not sent any more") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_inflight_messages 1");
  Peer publisher = broker.peer();
  publisher.open(connect("publisher"));
  publish_retained(publisher, "a", "a, old");
  publish_retained(publisher, "b", "b, old");

  Peer subscriber = broker.peer();
  subscriber.open(connect("subscriber"));
  subscriber.send(subscribe(1, "+", 1));
  subscriber.expect(suback(1, {1}));
  subscriber.expect(publish("a", "a, old").qos(1).id(1).retain());

  SECTION("by a newer one, which comes once, as a message for the subscription") {
    publish_retained(publisher, "b", "b, new");
    subscriber.send(puback(1));
    subscriber.expect(publish("b", "b, new").qos(1).id(2));
    subscriber.send(puback(2));
    subscriber.expect_nothing();
  }
  SECTION("by nothing") {
    publish_retained(publisher, "b", "");
    subscriber.send(puback(1));
    subscriber.expect(publish("b").qos(1).id(2));
    subscriber.send(puback(2));
    subscriber.expect_nothing();
  }
  SECTION("while one of another topic that is stored meanwhile comes once") {
    publish_retained(publisher, "c", "c, new");
    broker->look_at_clock();  // it has crossed to the subscriber's worker
    subscriber.send(puback(1));
    subscriber.expect(publish("c", "c, new").qos(1).id(2));
    subscriber.send(puback(2));
    subscriber.expect(publish("b", "b, old").qos(1).id(3).retain());
    subscriber.send(puback(3));
    subscriber.expect_nothing();
  }
}
