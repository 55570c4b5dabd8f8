/// Many connections at once, and connections that come to nothing.

#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"
#include "support/sanitized.h"
#include "support/socket_client.h"

using namespace test;
using broker::Count;

namespace {

constexpr auto lasting = mqtt::PropertyId::session_expiry_interval;
using Arrival = SocketClient::Arrival;

std::int64_t total(BrokerFixture& broker, Count what) {
  return broker->metrics().total(what);
}

/// Whether the broker still answers; what else comes is dropped.
bool answers(SocketClient& client) {
  client.send(pingreq());
  for (;;) {
    const auto arrived = client.receive();
    if (arrived.as<mqtt::Pingresp>() != nullptr) return true;
    if (arrived.what != Arrival::packet) return false;
  }
}

/// Closes those that the broker has closed, and says how many are left.
std::size_t living(std::vector<SocketClient>& clients) {
  std::erase_if(clients, [](SocketClient& client) { return !answers(client); });
  return clients.size();
}

}  // namespace

TEST_CASE(
    "of many connections with one client identifier one is left, and its session has lost "
    "nothing") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr unsigned rounds = sanitized ? 15 : 60;
  constexpr unsigned messages = 100;
  BrokerFixture broker(workers, "max_queued_messages 1000");
  {
    Peer first = broker.peer();
    first.open(connect("one").v5().with(lasting, UINT32_MAX));
    first.send(subscribe(1, "a", 1));
    first.expect(suback(1, {1}));
  }
  std::mutex mutex;
  std::vector<SocketClient> sockets;
  std::atomic<unsigned> acknowledged{0};
  Crowd crowd;
  crowd.add(4, [&](unsigned thread) {
    for (unsigned round = 0; round < rounds; ++round) {
      SocketClient socket(broker.port());
      auto packet = connect("one").clean(false);
      if ((thread + round) % 2 == 0) packet.v5().with(lasting, UINT32_MAX);
      socket.send(packet);
      if (round % 3 == 0) socket.receive();
      const std::scoped_lock lock(mutex);
      sockets.push_back(std::move(socket));
    }
  });
  crowd.add(1, [&](unsigned) {
    SocketClient publisher(broker.port());
    publisher.open(connect("publisher"));
    for (unsigned i = 1; i <= messages; ++i) {
      publisher.send(publish("a", std::to_string(i)).qos(1).id(static_cast<std::uint16_t>(i)));
      if (publisher.receive().as<mqtt::Puback>() != nullptr) ++acknowledged;
    }
  });
  crowd.join();
  CHECK(acknowledged == messages);

  CHECK(eventually([&] { return living(sockets) == 1; }));  // some CONNECTs are still being read
  CHECK(eventually([&] { return total(broker, Count::sockets) == 1; }));
  CHECK(total(broker, Count::sessions) == 1);
  CHECK(total(broker, Count::sessions_connected) == 1);
  CHECK(broker->metrics().unaccounted() == 0);

  Peer last = broker.peer();
  CHECK(last.open(connect("one").v5().clean(false).with(lasting, UINT32_MAX))->session_present);
  std::set<std::string> received;
  while (received.size() < messages) {
    const auto publish = last.receive<mqtt::Publish>();
    received.emplace(mqtt::as_text(publish->payload));
    last.send(puback(publish->packet_id));
  }
  last.expect_nothing();
  CHECK(broker->metrics().unaccounted() == 0);
}

TEST_CASE("of many clean connections with one client identifier one is left, with one session") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr unsigned rounds = sanitized ? 15 : 60;
  BrokerFixture broker(workers);
  std::mutex mutex;
  std::vector<SocketClient> sockets;
  Crowd crowd;
  crowd.add(4, [&](unsigned thread) {
    for (unsigned round = 0; round < rounds; ++round) {
      SocketClient socket(broker.port());
      auto packet = connect("one").clean(round % 2 == 0);
      if (thread % 2 == 0) packet.v5();
      socket.send(packet);
      socket.send(subscribe(1, "#", 2));
      if (round % 5 == 0) continue;  // gone again at once
      const std::scoped_lock lock(mutex);
      sockets.push_back(std::move(socket));
    }
  });
  crowd.join();
  CHECK(eventually([&] { return living(sockets) <= 1; }));
  CHECK(eventually([&] { return total(broker, Count::sockets) <= 1; }));
  Peer last = broker.peer();
  last.open(connect("one").v5());
  CHECK(living(sockets) == 0);
  CHECK(eventually([&] { return total(broker, Count::sockets) == 1; }));
  CHECK(total(broker, Count::sessions) == 1);
  CHECK(total(broker, Count::sessions_connected) == 1);

  last.send(disconnect());
  last.expect_closed();
  CHECK(eventually([&] { return total(broker, Count::sessions) == 0; }));
}

TEST_CASE("connections that say nothing, half a CONNECT or no MQTT keep nobody out") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr unsigned each = sanitized ? 20 : 60;
  constexpr std::int64_t room = 4 * each + 1;
  BrokerFixture broker(workers, "global_max_connections " + std::to_string(room));
  Peer regular = broker.peer();
  regular.open(connect("regular"));
  std::mutex mutex;
  std::vector<SocketClient> silent;
  std::vector<SocketClient> connected;
  const Bytes half = hex("10 0E 0004 'MQ'");
  const Bytes garbage = hex("'GET / HTTP/1.1' 0D0A0D0A");
  Crowd crowd;
  crowd.add(4, [&](unsigned thread) {
    for (unsigned i = 0; i < each; ++i) {
      SocketClient socket(broker.port());
      switch (i % 6) {
        case 0:
          break;
        case 1:
          socket.send(mqtt::ByteView(half));
          break;
        case 2:
          socket.send(mqtt::ByteView(garbage));
          continue;
        case 3:
          socket.reset();
          continue;
        case 4:
          socket.send(connect("gone"));
          continue;
        default:
          if (!socket.open(connect(std::to_string(thread) + "." + std::to_string(i)).keepalive(0)))
            continue;
      }
      const std::scoped_lock lock(mutex);
      (i % 6 == 5 ? connected : silent).push_back(std::move(socket));
    }
  });
  regular.expect_nothing();
  crowd.join();
  regular.expect_nothing();
  const auto left = static_cast<std::int64_t>(silent.size() + connected.size()) + 1;
  CHECK(eventually([&] { return total(broker, Count::sockets) == left; }));

  // Who has not said CONNECT in time is gone, and makes room.
  broker.advance(std::chrono::seconds(31));
  CHECK(std::all_of(silent.begin(), silent.end(),
                    [](SocketClient& s) { return s.drain_until_closed(); }));
  CHECK(std::all_of(connected.begin(), connected.end(), answers));
  const auto staying = static_cast<std::int64_t>(connected.size()) + 1;
  CHECK(eventually([&] { return total(broker, Count::sockets) == staying; }));
  CHECK(total(broker, Count::sessions) == staying);
  for (std::int64_t i = staying; i < room; ++i) {
    CHECK(connected.emplace_back(broker.port()).open(connect("late " + std::to_string(i))));
  }
  CHECK_FALSE(SocketClient(broker.port()).open(connect("too many")));
}

TEST_CASE("a client that has fallen silent is gone after one and a half keep alives") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  std::vector<Peer> dead;
  for (int i = 0; i < 20; ++i) {
    dead.push_back(broker.peer());
    dead.back().open(connect("dead " + std::to_string(i)).keepalive(10));
  }
  Peer alive = broker.peer();
  alive.open(connect("alive").keepalive(10));

  broker.advance(std::chrono::seconds(14));
  CHECK(total(broker, Count::sockets) == 21);
  alive.expect_nothing();
  broker.advance(std::chrono::seconds(2));
  for (Peer& peer : dead) peer.expect_closed();
  alive.expect_nothing();
  CHECK(total(broker, Count::sessions_connected) == 1);
}
