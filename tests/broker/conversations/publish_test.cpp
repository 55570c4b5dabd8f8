/// A message from one client to another, at each QoS.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;

TEST_CASE("a message reaches a subscriber at the lower of both QoS") {  // [MQTT-3.3.4-1]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer subscriber = broker.peer();
  subscriber.open(connect("subscriber"));
  subscriber.send(subscribe(1, "a/+", 1));
  subscriber.expect(suback(1, {1}));
  Peer publisher = broker.peer();
  publisher.open(connect("publisher"));

  SECTION("published at QoS 0") {
    publisher.send(publish("a/b", "hello"));
    publisher.expect_nothing();
    subscriber.expect(publish("a/b", "hello"));  // [MQTT-4.3.1-1]
  }
  SECTION("published at QoS 1") {
    publisher.send(publish("a/b", "hello").qos(1).id(5));
    publisher.expect(puback(5));
    subscriber.expect(publish("a/b", "hello").qos(1).id(1));  // [MQTT-4.3.2-2]
    subscriber.send(puback(1));
    subscriber.expect_nothing();
  }
  SECTION("published at QoS 2: it goes on when it is released") {
    publisher.send(publish("a/b", "hello").qos(2).id(6));
    publisher.expect(pubrec(6));
    publisher.send(pubrel(6));
    publisher.expect(pubcomp(6));  // [MQTT-4.3.3-11]
    subscriber.expect(publish("a/b", "hello").qos(1).id(1));
  }
  SECTION(
      "published a second time, as far as its client knows: DUP is not passed on") {  // [MQTT-3.3.1-3]
    publisher.send(publish("a/b", "hello").qos(1).id(5).dup());
    publisher.expect(puback(5));
    subscriber.expect(publish("a/b", "hello").qos(1).id(1));
  }
}

TEST_CASE("a delayed Will is published when its delay has passed") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer witness = broker.peer();
  witness.open(connect("witness"));
  witness.send(subscribe(1, "will", 0));
  witness.expect(suback(1, {0}));
  Peer mortal = broker.peer();
  mortal.open(connect("mortal")
                  .v5()
                  .with(mqtt::PropertyId::session_expiry_interval, 60U)
                  .will("will", "gone")
                  .will_with(mqtt::PropertyId::will_delay_interval, 10U));
  mortal.send(pingreq());
  mortal.expect(pingresp());
  mortal.send(disconnect(4));
  mortal.expect_closed();
  witness.expect_nothing();
  broker.advance(std::chrono::seconds(11));
  witness.expect(publish("will", "gone"));
}
