/// One message to many subscribers.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;

TEST_CASE("every matching subscriber receives a message, in its own version and at its own QoS") {
  // [MQTT-4.5.0-1] [MQTT-3.8.4-8]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  struct Subscriber {
    Peer peer;
    int qos;
  };
  std::vector<Subscriber> subscribers;
  for (int i = 0; i < 12; ++i) {
    const auto version = i % 2 == 0 ? mqtt::ProtocolVersion::v311 : mqtt::ProtocolVersion::v5;
    Subscriber& added = subscribers.emplace_back(Subscriber{broker.peer(), i % 3});
    added.peer.open(connect("subscriber " + std::to_string(i)).version(version));
    added.peer.send(subscribe(1, i % 4 == 0 ? "a/#" : "a/b", added.qos));
    added.peer.expect(suback(1, {added.qos}));
  }
  Peer publisher = broker.peer();
  publisher.open(connect("publisher").v5());

  publisher.send(publish("a/b", "one").qos(2).id(1).user_property("k", "v"));
  publisher.expect(pubrec(1));
  publisher.send(pubrel(1));
  publisher.expect(pubcomp(1));
  publisher.send(publish("a/b", "two").qos(1).id(2));
  publisher.expect(puback(2));

  for (auto& [peer, qos] : subscribers) {
    auto one = publish("a/b", "one").qos(qos).user_property("k", "v");
    auto two = publish("a/b", "two").qos(std::min(qos, 1));
    if (qos > 0) {
      one.id(1);
      two.id(2);
    }
    peer.expect(one);
    peer.expect(two);
    peer.expect_nothing();
  }
}
