/// Clients whose packets are much work, and those beside them on the same worker.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "broker/storm/crowd.h"
#include "mqtt/protocol/encode.h"
#include "support/broker_fixture.h"
#include "support/sanitized.h"
#include "support/socket_client.h"

using namespace test;
using broker::Count;

namespace {

constexpr int levels = sanitized ? 11 : 13;

/// Subscribes to all filters of so many levels, each of which is `+` or `w`. A topic of the same
/// word everywhere passes all of their nodes.
void subscribe_to_all_ways(SocketClient& client) {
  for (unsigned first = 0; first < 1U << levels; first += 512) {
    auto packet = subscribe(1);
    for (unsigned bits = first; bits < first + 512; ++bits) {
      std::string filter;
      for (int level = 0; level < levels; ++level)
        filter += (level == 0 ? "" : "/") + std::string((bits >> level & 1U) != 0 ? "+" : "w");
      packet.filter(filter, 0);
    }
    client.send(packet);
    REQUIRE(client.receive().as<mqtt::Suback>() != nullptr);
  }
}

Bytes encoded(const mqtt::Packet& packet) {
  return mqtt::encoded(packet, mqtt::ProtocolVersion::v311);
}

/// A topic that goes all ways, and matches nothing.
std::string costly_topic(int number) {
  std::string topic;
  for (int level = 0; level < levels; ++level) topic += "w/";
  return topic + std::to_string(number);
}

Bytes costly_messages(int count) {
  Bytes all;
  for (int i = 0; i < count; ++i) {
    const Bytes one = encoded(publish(costly_topic(i), ""));
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

std::int64_t total(BrokerFixture& broker, Count what) {
  return broker->metrics().total(what);
}

}  // namespace

TEST_CASE("who sends costly messages by the thousand keeps nobody else waiting for all of them") {
  BrokerFixture broker(1);
  SocketClient subscriber(broker.port());
  REQUIRE(subscriber.open(connect("subscriber").keepalive(0)));
  subscribe_to_all_ways(subscriber);
  SocketClient other(broker.port());
  REQUIRE(other.open(connect("other").keepalive(0)));
  SocketClient flooder(broker.port());
  REQUIRE(flooder.open(connect("flooder").keepalive(0)));

  constexpr int messages = 1000;
  flooder.send(costly_messages(messages));
  REQUIRE(eventually([&] { return total(broker, Count::publish_received) > 0; }));
  other.send(pingreq());
  CHECK(other.receive().as<mqtt::Pingresp>() != nullptr);
  CHECK(total(broker, Count::publish_received) < messages / 2);
  SocketClient late(broker.port());
  CHECK(late.open(connect("late")));
  CHECK(total(broker, Count::publish_received) < messages / 2);
}

TEST_CASE(
    "what was read of a client that is gone is heard to its end, in order, with its Will last") {
  BrokerFixture broker(1, "max_queued_messages 0");
  SocketClient subscriber(broker.port());
  REQUIRE(subscriber.open(connect("subscriber").keepalive(0)));
  subscribe_to_all_ways(subscriber);
  SocketClient reader(broker.port());
  REQUIRE(reader.open(connect("reader").keepalive(0)));
  reader.send(subscribe(1, "r/#", 0));
  REQUIRE(reader.receive().as<mqtt::Suback>() != nullptr);

  constexpr int messages = sanitized ? 50 : 200;
  SocketClient flooder(broker.port());
  REQUIRE(flooder.open(connect("flooder").will("r/will", "gone", 0)));
  Bytes all;
  for (int i = 0; i < messages; ++i) {
    for (const Bytes& one :
         {encoded(publish(costly_topic(i), "")), encoded(publish("r/number", std::to_string(i)))})
      all.insert(all.end(), one.begin(), one.end());
  }
  flooder.send(all);
  const bool by_reset = GENERATE(false, true);
  REQUIRE(eventually([&] { return total(broker, Count::publish_received) > 2; }));
  by_reset ? flooder.reset() : flooder.close();
  for (int i = 0; i < messages; ++i) {
    const auto arrived = reader.receive();
    const auto* message = arrived.as<mqtt::Publish>();
    REQUIRE(message != nullptr);
    REQUIRE(mqtt::as_text(message->payload) == std::to_string(i));
  }
  const auto arrived = reader.receive();
  REQUIRE(arrived.as<mqtt::Publish>() != nullptr);
  CHECK(arrived.as<mqtt::Publish>()->topic == "r/will");
  CHECK(eventually([&] { return total(broker, Count::sockets) == 2; }));
}

TEST_CASE("a message that takes many turns reaches each receiver once, and is acknowledged then") {
  const unsigned workers = GENERATE(1U, 4U);
  const int qos = GENERATE(1, 2);
  BrokerFixture broker(workers, "max_queued_messages 0\nmax_inflight_messages 0");
  // Each of these filters is a copy for the 5.0 client: enough for several steps.
  SocketClient subscriber(broker.port());
  REQUIRE(subscriber.open(connect("subscriber").v5().keepalive(0)));
  subscribe_to_all_ways(subscriber);
  SocketClient publisher(broker.port());
  REQUIRE(publisher.open(connect("publisher").keepalive(0)));
  std::string topic = "w";
  for (int level = 1; level < levels; ++level) topic += "/w";
  constexpr int messages = 3;
  constexpr int copies = 1 << levels;
  for (int i = 0; i < messages; ++i) {
    const auto id = static_cast<std::uint16_t>(i + 1);
    publisher.send(publish(topic, std::to_string(i)).qos(qos).id(id));
    if (qos == 2) publisher.send(pubrel(id));
  }
  std::vector<int> received(messages);
  bool in_order = true;
  for (int i = 0; i < messages * copies; ++i) {
    const auto arrived = subscriber.receive();
    const auto* message = arrived.as<mqtt::Publish>();
    REQUIRE(message != nullptr);
    const int number = std::stoi(std::string(mqtt::as_text(message->payload)));
    in_order = in_order && i / copies == number;
    ++received[static_cast<unsigned>(number)];
  }
  CHECK(in_order);
  CHECK(received == std::vector<int>(messages, copies));
  for (int i = 0; i < messages; ++i) {
    const auto arrived = publisher.receive();
    if (qos == 1) CHECK(arrived.as<mqtt::Puback>() != nullptr);
    if (qos == 2) CHECK(arrived.what == SocketClient::Arrival::packet);
  }
  for (int round = 0; round < 4; ++round) broker->look_at_clock();
  CHECK(broker->metrics().unaccounted() == 0);
}

TEST_CASE("a message for more connections than are written in one turn reaches all of them") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  constexpr int subscribers = sanitized ? 700 : 1300;
  std::vector<SocketClient> all;
  for (int i = 0; i < subscribers; ++i) {
    SocketClient& added = all.emplace_back(broker.port());
    REQUIRE(added.open(connect("subscriber " + std::to_string(i)).keepalive(0)));
    added.send(subscribe(1, "a", 0));
    REQUIRE(added.receive().as<mqtt::Suback>() != nullptr);
  }
  SocketClient publisher(broker.port());
  REQUIRE(publisher.open(connect("publisher").keepalive(0)));
  publisher.send(publish("a", "one"));
  int received = 0;
  for (SocketClient& one : all) received += one.receive().as<mqtt::Publish>() != nullptr ? 1 : 0;
  CHECK(received == subscribers);
}
