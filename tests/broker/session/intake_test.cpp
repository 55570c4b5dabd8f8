/// What one worker may have waiting for another: no more than is said, whoever publishes.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "broker/session/rooms.h"

namespace {

using broker::Count;
using broker::DropReason;
using broker::Intake;
using mqtt::QoS;

/// Neither of two workers runs: their letters are opened when a test says so.
struct TwoWorkers : test::Workers {
  TwoWorkers() : Workers(2, without_limit()) {
    here.dispatcher.when_others_have_room([this] { ++told_of_room; });
    for (int i = 0; i < receivers; ++i)
      there.subscribe(there.open("receiver " + std::to_string(i), sink), "a", QoS::at_least_once);
    there.end_turn();
  }

  void publish(QoS qos, std::size_t payload_size = 10) {
    const std::vector<std::uint8_t> payload(payload_size, 'x');
    broker::Publication publication(broker::MessageView{
        mqtt::TopicName::from_valid("a"), payload, qos, false, {}, broker::never, {}});
    here.dispatcher.publish(publication);
  }
  /// How many until the publisher is told to wait.
  int publish_until_overload(QoS qos, std::size_t payload_size = 10) {
    int published = 0;
    do {
      publish(qos, payload_size);
      ++published;
      if (published % 10 == 0) here.dispatcher.post_letters();
    } while (!here.dispatcher.take_overload() && published < 1'000'000);
    return published;
  }
  void deliver_there() {
    here.dispatcher.post_letters();
    there.worker.open_mail();
  }
  std::int64_t total(Count what) const { return metrics.total(what); }

  static broker::Config without_limit() {
    broker::Config config;
    config.limits.max_queued_messages = 0;
    return config;
  }

  static constexpr int receivers = 100;
  test::WorkerRooms& here = (*this)[0];
  test::WorkerRooms& there = (*this)[1];
  test::Client sink;
  int told_of_room = 0;
};

TEST_CASE("who publishes more than another worker takes waits, and goes on when it has room") {
  TwoWorkers workers;
  const int published = workers.publish_until_overload(QoS::at_most_once);
  CHECK(published >= Intake::full_deliveries / TwoWorkers::receivers);
  CHECK(published <= Intake::full_deliveries / TwoWorkers::receivers + 1);
  CHECK_FALSE(workers.here.dispatcher.must_wait());

  workers.deliver_there();
  CHECK(workers.sink.messages == published * TwoWorkers::receivers);
  CHECK(workers.told_of_room == 0);
  workers.here.worker.open_mail();
  CHECK(workers.told_of_room == 1);
  CHECK_FALSE(workers.here.dispatcher.take_overload());
}

TEST_CASE("large messages are bounded by their bytes") {
  TwoWorkers workers;
  constexpr std::size_t size = 64 * 1024;
  const int published = workers.publish_until_overload(QoS::at_least_once, size);
  CHECK(published <= Intake::full_bytes / static_cast<int>(size) + 1);
}

TEST_CASE("far beyond what a worker takes, QoS 0 is dropped and counted, and QoS 1 is kept") {
  TwoWorkers workers;
  constexpr int many = 3 * Intake::full_deliveries / TwoWorkers::receivers;
  for (int i = 0; i < many; ++i) workers.publish(QoS::at_most_once);
  CHECK(workers.here.dispatcher.must_wait());
  const std::int64_t dropped = workers.metrics.total(DropReason::worker_overloaded);
  CHECK(dropped >= Intake::full_deliveries - 2 * TwoWorkers::receivers);
  for (int i = 0; i < 10; ++i) workers.publish(QoS::at_least_once);
  CHECK(workers.metrics.total(DropReason::worker_overloaded) == dropped);

  workers.deliver_there();
  CHECK_FALSE(workers.here.dispatcher.must_wait());
  CHECK(workers.sink.messages + dropped == (many + 10) * TwoWorkers::receivers);
  CHECK(workers.total(Count::granted) == (many + 10) * TwoWorkers::receivers);
}

}  // namespace
