/// Publishers on several workers, retained messages on the same topics at the same time: everyone hears
/// them in one order, and what comes last in it is what is stored.

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"
#include "support/sanitized.h"
#include "support/socket_client.h"

using namespace test;

namespace {

/// What a client heard, by topic, in order. "" is the removal of what was retained.
using Heard = std::map<std::string, std::vector<std::string>>;

/// Threads that begin each round together.
class Start {
 public:
  explicit Start(unsigned threads) : threads_(threads) {}
  void await(int round) {
    const unsigned all = threads_ * static_cast<unsigned>(round + 1);
    if (arrived_.fetch_add(1) + 1 == all) return;
    while (arrived_.load() < all) std::this_thread::yield();
  }

 private:
  const unsigned threads_;
  std::atomic<unsigned> arrived_{0};
};

/// Up to the last message, which is on the topic "end".
void listen(SocketClient& client, Heard& heard) {
  for (;;) {
    const auto arrived = client.receive();
    if (arrived.what != SocketClient::Arrival::packet) return;
    const auto* publish = arrived.as<mqtt::Publish>();
    if (publish == nullptr) continue;
    if (publish->qos == mqtt::QoS::at_least_once) client.send(puback(publish->packet_id));
    if (publish->topic == "end") return;
    heard[std::string(publish->topic)].emplace_back(mqtt::as_text(publish->payload));
  }
}

bool publish_and_wait(SocketClient& client, const PublishBuilder& packet, int qos) {
  client.send(packet);
  if (qos == 0) return true;
  return client.receive().as<mqtt::Puback>() != nullptr;
}

SocketClient listener(BrokerFixture& broker, const std::string& name, const char* filter, int qos) {
  SocketClient client(broker.port());
  REQUIRE(client.open(connect(name).keepalive(0)));
  client.send(subscribe(1, filter, qos).filter("end", qos));
  REQUIRE(client.receive().as<mqtt::Suback>() != nullptr);
  return client;
}

bool is_end_of(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return part.size() <= whole.size() && std::equal(part.rbegin(), part.rend(), whole.rbegin());
}

/// What a new subscriber is sent: `expected` values, and what else there is.
Heard stored_values(BrokerFixture& broker, std::size_t expected) {
  Heard stored;
  SocketClient late(broker.port());
  REQUIRE(late.open(connect("late")));
  late.send(subscribe(1, "r/#", 0));
  bool asked = false;
  for (std::size_t count = 0;;) {
    if (count >= expected && !asked) asked = late.send(pingreq());
    const auto arrived = late.receive();
    if (arrived.what != SocketClient::Arrival::packet) return stored;
    if (arrived.as<mqtt::Pingresp>() != nullptr) return stored;
    if (const auto* publish = arrived.as<mqtt::Publish>()) {
      stored[std::string(publish->topic)].emplace_back(mqtt::as_text(publish->payload));
      ++count;
    }
  }
}

}  // namespace

TEST_CASE("what every subscriber hears last is what is stored, whoever published it where") {
  const unsigned workers = GENERATE(2U, 4U);
  const int qos = GENERATE(0, 1);
  constexpr int rounds = sanitized ? 100 : 1500;
  constexpr int messages = 3;  // of each publisher, on the topic of a round
  constexpr unsigned publishers = 2;
  BrokerFixture broker(workers, "max_queued_messages 0\nmax_output_buffer 100000000");

  // One after the other: they come to lie on different workers.
  std::vector<SocketClient> senders;
  std::vector<SocketClient> steady;
  for (unsigned i = 0; i < publishers; ++i) {
    REQUIRE(senders.emplace_back(broker.port()).open(connect("p" + std::to_string(i)).keepalive(0)));
  }
  for (unsigned i = 0; i < workers; ++i)
    steady.push_back(listener(broker, "steady " + std::to_string(i), "r/#", qos));
  SocketClient joining = listener(broker, "joining", "nothing", qos);

  Start start(publishers + 1);
  std::atomic<bool> failed{false};
  Crowd crowd;
  crowd.add(publishers, [&](unsigned thread) {
    for (int round = 0; round < rounds; ++round) {
      start.await(round);
      for (int i = 0; i < messages; ++i) {
        // Now and then the value is removed.
        const bool removes = (round + i) % 5 == 4 && thread == 0;
        const std::string payload = std::to_string(thread) + "." + std::to_string(i);
        const auto packet = publish("r/" + std::to_string(round), removes ? "" : payload)
                                .retain()
                                .qos(qos)
                                .id(qos == 0 ? std::uint16_t{0} : std::uint16_t{1});
        if (!publish_and_wait(senders[thread], packet, qos)) failed = true;
      }
    }
  });
  // Subscribes to the topic of each round while it is published to.
  crowd.add(1, [&](unsigned) {
    for (int round = 0; round < rounds; ++round) {
      start.await(round);
      joining.send(subscribe(2, "r/" + std::to_string(round), qos));
    }
  });
  std::vector<Heard> heard(workers);
  Heard joined;
  Crowd readers;
  readers.add(workers, [&](unsigned i) { listen(steady[i], heard[i]); });
  readers.add(1, [&](unsigned) { listen(joining, joined); });
  crowd.join();
  CHECK_FALSE(failed);
  // Each publisher's last message; the last of all ends the readers.
  for (unsigned i = 0; i < publishers; ++i) {
    senders[i].send(pingreq());
    while (senders[i].receive().as<mqtt::Pingresp>() == nullptr) {
    }
  }
  for (int round = 0; round < 3; ++round) broker->look_at_clock();
  senders[0].send(publish("end", "").qos(qos).id(qos == 0 ? std::uint16_t{0} : std::uint16_t{2}));
  readers.join();

  std::size_t expected = 0;
  for (const auto& [topic, values] : heard[0]) {
    if (!values.back().empty()) ++expected;
  }
  const Heard stored = stored_values(broker, expected);

  int disagreements = 0;
  int other_orders = 0;
  int out_of_order = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string topic = "r/" + std::to_string(round);
    const std::vector<std::string>& order = heard[0][topic];
    REQUIRE(order.size() == publishers * messages);
    for (const Heard& other : heard) other_orders += other.at(topic) == order ? 0 : 1;
    const std::vector<std::string> last =
        order.back().empty() ? std::vector<std::string>() : std::vector{order.back()};
    const auto found = stored.find(topic);
    if ((found == stored.end() ? std::vector<std::string>() : found->second) != last)
      ++disagreements;
    // The value that was there, if any, and everything after it.
    if (!is_end_of(joined[topic], order)) ++out_of_order;
  }
  CHECK(disagreements == 0);
  CHECK(other_orders == 0);
  CHECK(out_of_order == 0);
}
