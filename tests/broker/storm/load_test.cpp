/// Readers that do not read, subscribers that come and go while messages are on their way, and a
/// broker that is stopped in the middle of it.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"
#include "support/sanitized.h"
#include "support/socket_client.h"

using namespace test;
using broker::Count;
using broker::DropReason;

namespace {

std::int64_t total(BrokerFixture& broker, Count what) {
  return broker->metrics().total(what);
}

/// Reads `count` messages and acknowledges those of QoS 1; they must come in order, numbered
/// from 1.
struct Reader {
  std::atomic<int> received{0};
  std::atomic<bool> in_order{true};

  void read(SocketClient& client, int count) {
    while (received < count) {
      const auto arrived = client.receive();
      if (arrived.what != SocketClient::Arrival::packet) return;
      const auto* publish = arrived.as<mqtt::Publish>();
      if (publish == nullptr) continue;
      if (publish->qos == mqtt::QoS::at_least_once) client.send(puback(publish->packet_id));
      const std::string_view payload = mqtt::as_text(publish->payload);
      const std::string number = std::to_string(received + 1) + ".";
      if (payload.substr(0, number.size()) != number) in_order = false;
      ++received;
    }
  }
};

std::string numbered(int number, std::size_t size) {
  std::string payload = std::to_string(number) + ".";
  payload.resize(std::max(payload.size(), size), 'x');
  return payload;
}

}  // namespace

TEST_CASE("a reader that does not read costs bounded memory, and keeps nothing from others") {
  const unsigned workers = GENERATE(1U, 4U);
  const int qos = GENERATE(0, 1);
  constexpr int messages = sanitized ? 400 : 1500;
  constexpr std::size_t size = 16'000;
  constexpr std::int64_t output_limit = 1'000'000;
  constexpr int queue_limit = 100;
  constexpr int ahead = 10;  // of the quick reader
  BrokerFixture broker(workers, "max_output_buffer 1000000\nmax_queued_messages 100");
  SocketClient slow(broker.port(), 4096);
  REQUIRE(slow.open(connect("slow").keepalive(0)));
  slow.send(subscribe(1, "a", qos));
  REQUIRE(slow.receive().as<mqtt::Suback>() != nullptr);
  SocketClient quick(broker.port());
  REQUIRE(quick.open(connect("quick")));
  quick.send(subscribe(1, "a", qos));
  REQUIRE(quick.receive().as<mqtt::Suback>() != nullptr);

  Reader reader;
  Crowd crowd;
  crowd.add(1, [&](unsigned) { reader.read(quick, messages); });
  SocketClient publisher(broker.port());
  REQUIRE(publisher.open(connect("publisher")));
  std::int64_t most_output = 0;
  std::int64_t most_queued = 0;
  bool kept_up = true;
  for (int i = 1; i <= messages && kept_up; ++i) {
    publisher.send(publish("a", numbered(i, size))
                       .qos(qos)
                       .id(qos == 0 ? std::uint16_t{0} : std::uint16_t{1}));
    if (qos != 0) kept_up = publisher.receive().as<mqtt::Puback>() != nullptr;
    kept_up = kept_up && eventually([&] { return reader.received + ahead >= i; });
    most_output = std::max(most_output, total(broker, Count::output_bytes));
    most_queued = std::max(most_queued, total(broker, Count::queued_messages));
  }
  CHECK(kept_up);
  crowd.join();
  CHECK(reader.received == messages);
  CHECK(reader.in_order);

  // What waits: one client's limit and the packet that crossed it, and what the quick one has not
  // read.
  const auto packet = static_cast<std::int64_t>(size) + 100;
  CHECK(most_output <= output_limit + packet + (ahead + 1) * packet);
  const broker::Metrics& metrics = broker->metrics();
  broker->look_at_clock();
  if (qos == 0) {
    CHECK(metrics.total(DropReason::slow_consumer) > 0);
    CHECK(metrics.total(Count::delivered_qos0) + metrics.total(DropReason::slow_consumer) ==
          2 * messages);
  } else {
    const int window = 20;
    CHECK(most_queued <= queue_limit + window + ahead + 1);
    CHECK(metrics.total(DropReason::queue_full) == messages - queue_limit - 2 * window);
    CHECK(eventually([&] { return metrics.total(Count::delivered_qos1) == messages; }));
    CHECK(metrics.total(Count::queued_messages) == queue_limit + window);
    CHECK(metrics.total(Count::in_flight_messages) == window);
  }
  CHECK(metrics.unaccounted() == 0);

  slow.close();
  CHECK(eventually([&] { return total(broker, Count::sockets) == 2; }));
  CHECK(total(broker, Count::output_bytes) == 0);
  CHECK(total(broker, Count::queued_messages) == 0);
  CHECK(metrics.unaccounted() == 0);
}

TEST_CASE(
    "subscribers that come and go during a fan-out disturb neither those that stay nor the "
    "accounts") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr int messages = sanitized ? 300 : 1500;
  // What is slow is late here, not lost: that is another test's claim.
  BrokerFixture broker(workers, "max_queued_messages 0");
  std::vector<SocketClient> staying;
  for (int i = 0; i < 4; ++i) {
    SocketClient& added = staying.emplace_back(broker.port());
    REQUIRE(added.open(connect("staying " + std::to_string(i)).keepalive(0)));
    added.send(subscribe(1, i % 2 == 0 ? "a/#" : "a/+", 1));
    REQUIRE(added.receive().as<mqtt::Suback>() != nullptr);
  }
  std::vector<Reader> readers(staying.size());
  std::atomic<bool> over{false};
  Crowd stayers;
  stayers.add(4, [&](unsigned i) { readers[i].read(staying[i], messages); });
  Crowd passers;
  passers.add(3, [&](unsigned thread) {
    for (unsigned round = 0; !over; ++round) {
      SocketClient passing(broker.port());
      const bool lasting = round % 4 == 1;
      auto packet = connect("passing " + std::to_string(thread)).v5().clean(round % 3 == 0);
      if (lasting) packet.with(mqtt::PropertyId::session_expiry_interval, 1000U);
      if (!passing.open(packet)) continue;
      passing.send(subscribe(1, "a/b", static_cast<int>(round % 3)).filter("$share/g/a/#", 1));
      if (round % 2 == 0) passing.receive();
      if (round % 5 == 0) passing.send(unsubscribe(2, "a/b"));
      if (round % 3 == 0) passing.reset();
    }
  });
  SocketClient publisher(broker.port());
  REQUIRE(publisher.open(connect("publisher").keepalive(0)));
  int acknowledged = 0;
  for (int i = 1; i <= messages; ++i) {
    publisher.send(publish("a/b", numbered(i, 10)).qos(1).id(1));
    if (publisher.receive().as<mqtt::Puback>() != nullptr) ++acknowledged;
  }
  stayers.join();
  over = true;
  passers.join();
  CHECK(acknowledged == messages);
  for (const Reader& reader : readers) {
    CHECK(reader.received == messages);
    CHECK(reader.in_order);
  }
  CHECK(eventually([&] { return total(broker, Count::sockets) == 5; }));
  for (int round = 0; round < 4; ++round) broker->look_at_clock();
  CHECK(total(broker, Count::sessions_connected) == 5);
  CHECK(broker->metrics().unaccounted() == 0);

  // Sessions that had been left behind end, and with them what waited for them.
  broker.advance(std::chrono::seconds(1001));
  CHECK(total(broker, Count::sessions) == 5);
  CHECK(total(broker, Count::queued_messages) == 0);
  CHECK(broker->metrics().unaccounted() == 0);
}

TEST_CASE("a broker that is stopped in the middle of a storm closes every connection") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr int rounds = sanitized ? 2 : 6;
  for (int round = 0; round < rounds; ++round) {
    BrokerFixture broker(workers);
    const std::uint16_t port = broker.port();
    std::atomic<int> opened{0};
    std::atomic<int> not_closed{0};
    Crowd crowd;
    crowd.add(4, [&](unsigned thread) {
      for (int i = 0;; ++i) {
        try {
          SocketClient client(port);
          const std::string id =
              std::to_string(i % 2 == 0 ? 0 : thread) + "." + std::to_string(i % 7);
          auto packet = connect(id).v5().will("will/" + id, "gone", 1);
          if (!client.open(packet)) continue;
          ++opened;
          client.send(subscribe(1, "#", 1));
          bool goes_on = true;
          for (int n = 0; n < 20 && goes_on; ++n) {
            goes_on = client.send(publish("a", "message").qos(1).id(1));
            goes_on = goes_on && client.receive().what == SocketClient::Arrival::packet;
          }
          if (!goes_on && !client.drain_until_closed()) ++not_closed;
        } catch (const std::system_error&) {
          return;  // nobody listens any more
        }
      }
    });
    CHECK(eventually([&] { return opened > 20; }));
    broker.stop();
    CHECK(total(broker, Count::sockets) == 0);
    CHECK(broker->metrics().unaccounted() == 0);
    crowd.join();
    CHECK(not_closed == 0);
  }
}

TEST_CASE("what is published after an acknowledgement comes after what was acknowledged") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr int messages = sanitized ? 400 : 4000;
  BrokerFixture broker(workers, "placement spread\nmax_queued_messages 0");
  std::vector<SocketClient> listening;
  for (int i = 0; i < 4; ++i) {
    SocketClient& added = listening.emplace_back(broker.port());
    REQUIRE(added.open(connect("listening " + std::to_string(i)).keepalive(0)));
    added.send(subscribe(1, "a/b", 1));
    REQUIRE(added.receive().as<mqtt::Suback>() != nullptr);
  }
  std::vector<Reader> readers(listening.size());
  Crowd crowd;
  crowd.add(4, [&](unsigned i) { readers[i].read(listening[i], messages); });

  // Clients on all workers speak in turns, each when the one before has been acknowledged.
  std::vector<SocketClient> speaking;
  for (int i = 0; i < 4; ++i) {
    REQUIRE(speaking.emplace_back(broker.port())
                .open(connect("speaking " + std::to_string(i)).keepalive(0)));
  }
  int acknowledged = 0;
  for (int i = 1; i <= messages; ++i) {
    SocketClient& speaker = speaking[static_cast<unsigned>(i) % speaking.size()];
    speaker.send(publish("a/b", numbered(i, 10)).qos(1).id(1));
    if (speaker.receive().as<mqtt::Puback>() != nullptr) ++acknowledged;
  }
  crowd.join();
  CHECK(acknowledged == messages);
  for (const Reader& reader : readers) {
    CHECK(reader.received == messages);
    CHECK(reader.in_order);
  }
}
