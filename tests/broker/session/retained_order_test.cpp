/// The order of retained messages on several workers, whenever each of them gets to open its letters.

#include "session/retained_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "broker/session/rooms.h"
#include "mqtt/protocol/bytes.h"

namespace {

using mqtt::QoS;
using test::WorkerRooms;
using test::Workers;

struct Heard {
  std::string topic;
  std::string payload;
  bool operator==(const Heard&) const = default;
};

struct Listener final : test::Client {
  broker::SendResult send_publish(broker::Publication& publication,
                                  const broker::OutgoingPublish& out) override {
    heard.push_back({std::string(publication.view().topic.text()),
                     std::string(mqtt::as_text(publication.view().payload))});
    return Client::send_publish(publication, out);
  }
  std::vector<Heard> heard;
};

/// Publishers and listeners on every worker, and what happens in any order.
class World {
 public:
  World(unsigned workers, std::uint64_t seed) : workers_(workers, no_limits()), random_(seed) {
    for (unsigned i = 0; i < workers; ++i) {
      listeners_.push_back(std::make_unique<Listener>());
      WorkerRooms::subscribe(workers_[i].open("listener " + std::to_string(i), *listeners_.back()),
                             "#", QoS::at_least_once);
    }
    for (unsigned i = 0; i < workers; ++i)
      publishers_.push_back(&workers_[i].open("publisher " + std::to_string(i), nobody_));
  }

  void play(int steps) {
    for (int i = 0; i < steps; ++i) {
      const std::size_t worker = random_() % workers_.size();
      const auto action = random_() % 10;
      if (action < 6) {
        publish(worker);
      } else if (action < 8) {
        workers_[worker].worker.open_mail();
      } else {
        workers_[worker].end_turn();
      }
    }
    for (std::size_t round = 0; round < 3; ++round) {
      for (std::size_t i = 0; i < workers_.size(); ++i) {
        workers_[i].worker.open_mail();
        workers_[i].end_turn();
      }
    }
  }

  /// What is retained was published in one order, that of the numbers in `stored_`.
  void check() const {
    for (const auto& listener : listeners_) {
      std::map<std::string, std::vector<std::string>> retained;
      std::map<std::pair<std::string, std::string>, std::vector<std::string>> by_publisher;
      for (const Heard& one : listener->heard) {
        if (!is_plain(one)) retained[one.topic].push_back(one.payload);
        if (!one.payload.empty())
          by_publisher[{one.topic, one.payload.substr(0, 1)}].push_back(one.payload);
      }
      for (const auto& [topic, order] : stored_) REQUIRE(retained.at(topic) == order);
      for (const auto& [who, messages] : by_publisher) {
        REQUIRE(std::ranges::is_sorted(messages, {}, [](const std::string& payload) {
          return std::stoi(payload.substr(payload.find('.') + 1));
        }));
      }
    }
  }

 private:
  static broker::Config no_limits() {
    broker::Config config;
    config.limits.max_queued_messages = 0;
    return config;
  }
  static bool is_plain(const Heard& one) { return one.payload.ends_with("plain"); }

  /// PUBLISHER.NUMBER; nothing to remove what is retained.
  void publish(std::size_t worker) {
    const std::string topic = random_() % 4 == 0 ? "a" : "b";
    const bool plain = random_() % 3 == 0;
    const bool removes = !plain && random_() % 8 == 0;
    std::string payload = std::to_string(worker) + "." + std::to_string(++number_);
    if (plain) payload += ".plain";
    if (removes) payload.clear();
    if (!plain) stored_[topic].push_back(payload);
    mqtt::Publish packet;
    packet.topic = topic;
    packet.payload = mqtt::as_bytes(payload);
    packet.retain = !plain;
    packet.qos = QoS::at_least_once;
    packet.packet_id = 1;
    REQUIRE(publishers_[worker]->incoming().on_publish(packet));
  }

  Workers workers_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  test::Client nobody_;
  std::vector<broker::Session*> publishers_;
  std::map<std::string, std::vector<std::string>> stored_;
  int number_ = 0;
};

}  // namespace

TEST_CASE("every listener hears what is retained in the order in which it was stored") {
  const unsigned workers = GENERATE(1U, 2U, 4U);
  constexpr std::uint64_t worlds = 100;
  for (std::uint64_t seed = 0; seed < worlds; ++seed) {
    INFO("seed " << seed);
    World world(workers, seed);
    world.play(2000);
    world.check();
  }
}

TEST_CASE("what is posted at once and what is gathered over the turn keep their order") {
  Workers workers(2);
  Listener listener;
  test::Client nobody;
  WorkerRooms::subscribe(workers[1].open("listener", listener), "#", QoS::at_most_once);
  broker::Session& publisher = workers[0].open("publisher", nobody);
  for (int i = 0; i < 100; ++i) {
    const std::string topic = "t/" + std::to_string(i);
    mqtt::Publish packet;
    packet.topic = topic;
    packet.payload = mqtt::as_bytes("x");
    packet.retain = i % 3 != 0;
    REQUIRE(publisher.incoming().on_publish(packet));
  }
  workers[0].end_turn();
  workers[1].worker.open_mail();
  CHECK(listener.heard.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) CHECK(listener.heard[i].topic == "t/" + std::to_string(i));
}
