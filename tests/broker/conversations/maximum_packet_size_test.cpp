/// What a client that takes small packets only gets of larger ones.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;
using mqtt::PropertyId;

TEST_CASE("no packet is larger than the client takes") {  // [MQTT-3.1.2-24]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer small = broker.peer();
  small.open(connect("small").v5().with(PropertyId::maximum_packet_size, 30U));

  SECTION("a message that is too large is left out, as if it had been delivered") {
    // [MQTT-3.1.2-25]
    small.send(subscribe(1, "a", 2));
    small.expect(suback(1, {2}));
    Peer publisher = broker.peer();
    publisher.open(connect("publisher"));
    publisher.send(publish("a", repeated(30)).qos(1).id(1));
    publisher.expect(puback(1));
    publisher.send(publish("a", repeated(30)));
    publisher.send(publish("a", "fits").qos(1).id(2));
    publisher.expect(puback(2));
    const auto received = small.receive<mqtt::Publish>();
    CHECK(mqtt::as_text(received->payload) == "fits");
    small.send(puback(received->packet_id));
    small.expect_nothing();
  }
  SECTION("an answer that is too large ends the connection") {
    auto request = subscribe(1);
    for (int i = 0; i < 30; ++i) request.filter("a/" + std::to_string(i));
    small.send(request);
    small.send(pingreq());
    small.expect_closed();
  }
}

TEST_CASE("a CONNACK that is too large is not sent") {
  BrokerFixture broker;
  Peer tiny = broker.peer();
  tiny.send(connect("tiny").v5().with(PropertyId::maximum_packet_size, 5U));
  tiny.expect_closed();
}
