/// One message to many subscribers.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/broker_fixture.h"

using namespace test;

TEST_CASE("every matching subscriber receives a message, in its own version and at its own QoS") {
  // [MQTT-3.8.4-8] [MQTT-4.3.3-2] [MQTT-4.5.0-1]
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

TEST_CASE("the messages of a client arrive in the order in which it sent them") {
  // [MQTT-4.6.0-5] [MQTT-4.6.0-6]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  std::vector<Peer> subscribers;
  for (int i = 0; i < 4; ++i) {
    Peer& subscriber = subscribers.emplace_back(broker.peer());
    subscriber.open(connect("subscriber " + std::to_string(i)));
    subscriber.send(subscribe(1, i % 2 == 0 ? "#" : "a/+", 1));
    subscriber.expect(suback(1, {1}));
  }
  Peer publisher = broker.peer();
  publisher.open(connect("publisher"));
  constexpr std::uint16_t messages = 100;
  for (std::uint16_t i = 1; i <= messages; ++i) {
    const std::string number = std::to_string(i);
    publisher.send(publish(i % 3 == 0 ? "a/x" : "a/y", number).qos(1).id(i));
    publisher.send(publish("a/x", number));
  }
  for (std::uint16_t i = 1; i <= messages; ++i) publisher.expect(puback(i));

  for (Peer& subscriber : subscribers) {
    int last_at_qos[2] = {0, 0};
    for (int received = 0; received < 2 * messages; ++received) {
      const auto message = subscriber.receive<mqtt::Publish>();
      const int number = std::stoi(std::string(mqtt::as_text(message->payload)));
      int& last = last_at_qos[static_cast<int>(message->qos)];
      REQUIRE(number == last + 1);
      last = number;
      if (message->qos == mqtt::QoS::at_least_once) subscriber.send(puback(message->packet_id));
    }
  }
}
