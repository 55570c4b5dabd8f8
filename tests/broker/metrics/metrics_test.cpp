#include "metrics/metrics.h"

#include <catch2/catch.hpp>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

using namespace broker;

TEST_CASE("Totals are the sums over all workers") {
  Metrics metrics(3);
  metrics.of_worker(0).receive_publish(10);
  metrics.of_worker(2).receive_publish(32);
  CHECK(metrics.total(Count::publish_received) == 2);
  CHECK(metrics.total(Count::publish_bytes_received) == 42);
  CHECK(metrics.total(Count::publish_sent) == 0);

  SECTION("also of gauges that rise on one worker and fall on another") {
    metrics.of_worker(0).add_sockets(+2);
    metrics.of_worker(1).add_sockets(-1);
    CHECK(metrics.total(Count::sockets) == 1);
  }
  SECTION("also when each worker counts on its own thread") {
    std::vector<std::thread> threads;
    for (std::size_t worker = 0; worker < 3; ++worker) {
      threads.emplace_back([&counters = metrics.of_worker(worker)] {
        for (int i = 0; i < 10'000; ++i) counters.receive_packet();
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(metrics.total(Count::packets_received) == 30'000);
  }
}

TEST_CASE("Drops are counted by their reason, and told apart by their kind") {
  Metrics metrics(2);
  metrics.of_worker(0).drop(DropReason::queue_full);
  metrics.of_worker(1).drop(DropReason::queue_full, 3);
  metrics.of_worker(1).drop(DropReason::slow_consumer);
  metrics.of_worker(1).drop(DropReason::expired, 2);
  CHECK(metrics.total(DropReason::queue_full) == 4);
  CHECK(metrics.total(DropKind::limit) == 5);
  CHECK(metrics.total(DropKind::rule) == 2);
  CHECK(metrics.dropped() == 7);
}

TEST_CASE("Every delivery is somewhere") {
  Metrics metrics(2);
  Counters& counters = metrics.of_worker(1);
  counters.grant(5);
  CHECK(metrics.unaccounted() == 5);
  counters.deliver(0);
  counters.deliver(1);
  counters.deliver(2);
  counters.drop(DropReason::expired);
  counters.add_queued(1, 100);
  CHECK(metrics.unaccounted() == 0);
  CHECK(metrics.delivered() == 3);
  CHECK(metrics.total(Count::delivered_qos2) == 1);

  SECTION("also when it moves from the queue into flight and is acknowledged") {
    counters.add_queued(-1, -100);
    counters.add_in_flight(+1, 100);
    CHECK(metrics.unaccounted() == 0);
    counters.add_in_flight(-1, -100);
    counters.deliver(1);
    CHECK(metrics.unaccounted() == 0);
    CHECK(metrics.total(Count::in_flight_bytes) == 0);
  }
}

TEST_CASE("Every count and every reason has a name of its own and a text") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < number_of_counts; ++i) {
    const CountInfo& row = info(static_cast<Count>(i));
    CHECK(names.insert(row.name).second);
    CHECK_FALSE(row.text.empty());
  }
  for (std::size_t i = 0; i < number_of_drop_reasons; ++i) {
    const DropReasonInfo& row = info(static_cast<DropReason>(i));
    CHECK(names.insert(row.name).second);
    CHECK_FALSE(row.text.empty());
  }
  CHECK(info(Count::queued_bytes).kind == CountKind::gauge);
  CHECK(info(Count::packets_sent).kind == CountKind::counter);
  CHECK(info(DropReason::not_authorized).name == "not_authorized");
}

TEST_CASE("Counters of two workers share no cache line") {
  Metrics metrics(2);
  const auto* first = reinterpret_cast<const char*>(&metrics.of_worker(0));
  const auto* second = reinterpret_cast<const char*>(&metrics.of_worker(1));
  CHECK((second - first) % 64 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
}
