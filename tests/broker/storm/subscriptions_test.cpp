/// More subscriptions in one packet, and more of one client, than anyone needs: others hardly
/// notice.

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"
#include "support/sanitized.h"
#include "support/socket_client.h"

using namespace test;
using broker::Count;

namespace {

constexpr int many = sanitized ? 20'000 : 300'000;
/// Of pings that are answered meanwhile; more than one, which may have been on its way. A broker
/// that gave the packet a turn of its own would answer none.
constexpr int few = 3;

SubscribeBuilder subscribe_to_many(const std::string& root, int count) {
  SubscribeBuilder packet(1);
  for (int i = 0; i < count; ++i) packet.filter(root + std::to_string(i), 1);
  return packet;
}

UnsubscribeBuilder unsubscribe_from_many(const std::string& root, int count) {
  UnsubscribeBuilder packet(2);
  for (int i = 0; i < count; ++i) packet.filter(root + std::to_string(i));
  return packet;
}

bool ping(SocketClient& client) {
  return client.send(pingreq()) && client.receive().as<mqtt::Pingresp>() != nullptr;
}

/// How many pings of `witness` the broker answers after it has begun to work on `packet` of
/// `client` and before it has answered that.
int pings_during(BrokerFixture& broker, SocketClient& client, SocketClient& witness,
                 const mqtt::Packet& packet) {
  const std::int64_t packets = broker->metrics().total(Count::packets_received);
  std::atomic<bool> answered = false;
  Crowd crowd;
  crowd.add(1, [&](unsigned) {
    client.send(packet);
    client.receive();
    answered = true;
  });
  eventually([&] { return broker->metrics().total(Count::packets_received) > packets; });
  int pings = 0;
  while (!answered && ping(witness)) ++pings;
  return pings;
}

}  // namespace

TEST_CASE("while one client subscribes to far too much the others of its worker are served") {
  BrokerFixture broker(1, "max_subscriptions_per_client 0\nmax_packet_size 20000000");
  SocketClient greedy(broker.port());
  SocketClient witness(broker.port());
  REQUIRE(greedy.open(connect("greedy")));
  REQUIRE(witness.open(connect("witness")));
  // On a busy machine the witness itself may sleep through the work: another round shows it then.
  int while_subscribing = 0;
  int while_unsubscribing = 0;
  for (int round = 0; round < 10 && std::min(while_subscribing, while_unsubscribing) < few;
       ++round) {
    while_subscribing = std::max(
        while_subscribing, pings_during(broker, greedy, witness, subscribe_to_many("t/", many)));
    while_unsubscribing =
        std::max(while_unsubscribing,
                 pings_during(broker, greedy, witness, unsubscribe_from_many("t/", many)));
  }
  CHECK(while_subscribing >= few);
  CHECK(while_unsubscribing >= few);
}

TEST_CASE("a client may speak again and again of one filter, and nothing grows") {
  if (sanitized) return;  // their memory is not the allocator's
  BrokerFixture broker(1, "max_inflight_messages 5");
  SocketClient publisher(broker.port());
  REQUIRE(publisher.open(connect("publisher")));
  for (int i = 0; i < 20; ++i) publisher.send(publish("r/" + std::to_string(i), "x").retain());
  REQUIRE(ping(publisher));
  SocketClient client(broker.port());
  REQUIRE(client.open(connect("client")));
  SubscribeBuilder packet(1);
  for (int i = 0; i < 5000; ++i) packet.filter("r/#", 1);
  const auto subscribe_again = [&] {
    client.send(packet);
    while (client.receive().as<mqtt::Suback>() == nullptr) continue;
  };
  subscribe_again();
  const std::size_t before = mallinfo2().uordblks;
  for (int i = 0; i < 100; ++i) subscribe_again();
  CHECK(mallinfo2().uordblks < before + 500'000);
}

TEST_CASE("clients with many subscriptions that leave at once take them along, and no message") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr int clients = 8;
  constexpr int each = sanitized ? 1000 : 10'000;
  BrokerFixture broker(workers);
  std::vector<SocketClient> leaving;
  for (int i = 0; i < clients; ++i) {
    SocketClient& client = leaving.emplace_back(broker.port());
    REQUIRE(client.open(connect("leaving " + std::to_string(i))));
    client.send(subscribe_to_many("t/", each));
    REQUIRE(client.receive().as<mqtt::Suback>() != nullptr);
  }
  Peer staying = broker.peer();
  staying.open(connect("staying"));
  staying.send(subscribe(1, "t/+", 1));
  staying.expect(suback(1, {1}));
  Peer publisher = broker.peer();
  publisher.open(connect("publisher").v5());
  for (SocketClient& client : leaving) client.close();
  for (std::uint16_t i = 1; i <= 15; ++i) {
    publisher.send(publish("t/" + std::to_string(each - i), "x").qos(1).id(i));
    publisher.expect(puback(i));
    staying.expect(publish("t/" + std::to_string(each - i), "x").qos(1).id(i));
  }
  staying.send(unsubscribe(2, {"t/+"}));
  staying.receive<mqtt::Unsuback>();
  const auto nobody_is_left = [&] {
    publisher.send(publish("t/" + std::to_string(each - 1), "x").qos(1).id(99));
    return publisher.receive<mqtt::Puback>()->reason == mqtt::ReasonCode::no_matching_subscribers;
  };
  CHECK(eventually(nobody_is_left));
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}
