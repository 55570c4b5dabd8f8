/// What one worker may have waiting for another: no more than is said, whoever publishes.

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "auth/authoriser.h"
#include "log/log.h"
#include "metrics/metrics.h"
#include "routing/router.h"
#include "session/dispatcher.h"
#include "session/opening.h"
#include "session/session_table.h"
#include "support/bytes_notation.h"

namespace {

using broker::Count;
using broker::DropReason;
using broker::Intake;
using mqtt::QoS;

struct Sink final : broker::PacketSink {
  broker::SendResult send_publish(broker::Publication&, const broker::OutgoingPublish&) override {
    ++messages;
    return broker::SendResult::sent;
  }
  void send_acknowledgement(mqtt::PacketType, std::uint16_t, mqtt::ReasonCode) override {}
  void send(const mqtt::Suback&) override {}
  void send(const mqtt::Unsuback&) override {}
  bool has_room() const override { return true; }
  void continue_input() override {}
  void reject_input(mqtt::ReasonCode, std::string_view) override {}
  void disconnect(mqtt::ReasonCode) override {}
  void session_taken_over() override {}

  std::int64_t messages = 0;
};

/// The rooms of two workers, neither of which runs: their letters are opened when a test says so.
struct TwoWorkers {
  struct Rooms {
    Rooms(TwoWorkers& both, unsigned index)
        : worker(index, both.clock),
          trees(both.lock, index),
          work(worker),
          ended(work, trees, both.subscriptions),
          context{worker,         both.log,           both.metrics.of_worker(index),
                  trees,          both.subscriptions, both.retained,
                  both.directory, both.access,        work,
                  ended,          both.config},
          sessions(context),
          router(both.subscriptions, trees, worker),
          dispatcher(context, router, both.order) {
      context.dispatcher = &dispatcher;
      context.sessions = &sessions;
    }
    broker::Session& open(const std::string& client_id, Sink& sink) {
      context.directory.claim(client_id, static_cast<std::uint16_t>(worker.index()));
      broker::Session& session = *broker::open_session(context, client_id, true)->session;
      broker::Session::Terms terms;
      terms.sink = &sink;
      session.attach(std::move(terms));
      return session;
    }

    broker::Worker worker;
    broker::TurnAccess trees;
    broker::SlicedWork work;
    broker::EndedSubscriptions ended;
    broker::SessionContext context;
    broker::SessionTable sessions;
    broker::Router router;
    broker::Dispatcher dispatcher;
  };

  TwoWorkers() {
    here.dispatcher.connect({&here.dispatcher, &there.dispatcher});
    there.dispatcher.connect({&here.dispatcher, &there.dispatcher});
    here.dispatcher.when_others_have_room([this] { ++told_of_room; });
    const auto filter = BytesNotation::parse("('a') 01");
    for (int i = 0; i < receivers; ++i) {
      broker::Session& session = there.open("receiver " + std::to_string(i), sink);
      REQUIRE(session.on_subscribe({1, {}, filter}) == broker::InputOutcome::done);
      there.work.on_turn_end();
    }
  }
  ~TwoWorkers() { here.trees.end_turn(); }

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

  static std::shared_ptr<const broker::Config> make_config() {
    broker::Config config;
    config.listeners.emplace_back();
    config.limits.max_queued_messages = 0;
    return std::make_shared<const broker::Config>(std::move(config));
  }

  static constexpr int receivers = 100;
  broker::SystemClock clock;
  broker::Log log;
  broker::Metrics metrics{2};
  broker::TurnLock lock{2};
  broker::SubscriptionTree subscriptions;
  broker::RetainedTree retained;
  broker::RetainedOrder order{2};
  broker::ClientDirectory directory;
  broker::AccessControl access;
  std::shared_ptr<const broker::Config> config = make_config();
  Rooms here{*this, 0};
  Rooms there{*this, 1};
  Sink sink;
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
