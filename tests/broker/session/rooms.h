#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/authoriser.h"
#include "log/log.h"
#include "metrics/metrics.h"
#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/packet.h"
#include "routing/router.h"
#include "session/dispatcher.h"
#include "session/journal.h"
#include "session/opening.h"
#include "session/session_table.h"

namespace test {

/// A client that takes everything, unless `takes` says that it has no room, and writes down what it
/// was sent and told.
struct Client : broker::PacketSink {
  virtual ~Client() = default;

  broker::SendResult send_publish(broker::Publication& publication,
                                  const broker::OutgoingPublish& out) override {
    ++messages;
    last_id = out.packet_id;
    if (keeps_topics) topics.emplace_back(publication.view().topic.text());
    return broker::SendResult::sent;
  }
  void send_acknowledgement(mqtt::PacketType type, std::uint16_t, mqtt::ReasonCode) override {
    last_answer = type;
  }
  void send(const mqtt::Suback& packet) override { answers.push_back(packet.reasons); }
  void send(const mqtt::Unsuback& packet) override { answers.push_back(packet.reasons); }
  bool has_room() const override { return takes; }
  void continue_input() override { ++continued; }
  void reject_input(mqtt::ReasonCode reason, std::string_view) override { rejected = reason; }
  void disconnect(mqtt::ReasonCode) override {}
  void session_kept() override { ++kept; }
  void session_taken_over() override {}

  bool takes = true;
  bool keeps_topics = false;
  int messages = 0;
  std::uint16_t last_id = 0;
  mqtt::PacketType last_answer{};
  std::vector<std::string> topics;                        ///< if `keeps_topics`
  std::vector<std::vector<mqtt::ReasonCode>> answers;     ///< SUBACK and UNSUBACK
  int kept = 0;                                           ///< times that CONNACK might leave
  int continued = 0;                                      ///< times that held up input went on
  mqtt::ReasonCode rejected = mqtt::ReasonCode::success;  ///< what ended it
};

/// What all workers share.
struct SharedRooms {
  explicit SharedRooms(unsigned workers, broker::Config config = {}, bool with_journal = false)
      : journaled(with_journal),
        settings(with_listener(std::move(config))),
        metrics(workers),
        lock(workers),
        order(workers) {}

  static std::shared_ptr<const broker::Config> with_listener(broker::Config config) {
    config.listeners.emplace_back();
    return std::make_shared<const broker::Config>(std::move(config));
  }
  void retain(std::string_view topic, std::string_view payload = "x") {
    broker::MessageView view{.topic = *mqtt::TopicName::parse(topic),
                             .payload = mqtt::as_bytes(payload),
                             .qos = mqtt::QoS::at_least_once,
                             .retain = true,
                             .properties = {},
                             .publisher = {}};
    retained.store(broker::Message::create(view));
  }

  const bool journaled;  ///< workers have a journal
  std::shared_ptr<const broker::Config> settings;
  broker::SystemClock clock;
  broker::Log log;
  broker::Metrics metrics;
  broker::TurnLock lock;
  broker::SubscriptionTree subscriptions;
  broker::RetainedTree retained;
  broker::RetainedOrder order;
  broker::ClientDirectory directory;
  broker::AccessControl access;
};

/// What belongs to one of them, without a network and without a thread: nothing runs but what a test
/// calls.
struct WorkerRooms {
  WorkerRooms(SharedRooms& shared, unsigned index)
      : worker(index, shared.clock),
        trees(shared.lock, index),
        here{worker, shared.log, shared.metrics.of_worker(index), shared.settings},
        ended(work, trees, shared.subscriptions),
        context{here,
                trees,
                shared.subscriptions,
                shared.retained,
                shared.directory,
                shared.access,
                work,
                ended,
                dispatcher,
                sessions,
                shared.journaled ? &journal : nullptr},
        router(shared.subscriptions, trees, worker),
        dispatcher(context, router, shared.order) {}
  /// The turn ends, and with it what it read: nobody may hold a lock that goes.
  ~WorkerRooms() { trees.end_turn(); }
  WorkerRooms(const WorkerRooms&) = delete;
  WorkerRooms& operator=(const WorkerRooms&) = delete;

  broker::Session& open(const std::string& client_id, broker::PacketSink& client,
                        std::uint32_t expiry_s = 0, std::uint16_t send_window = 65535) {
    context.directory.claim(client_id, static_cast<std::uint16_t>(worker.index()));
    broker::Session& session = *broker::open_session(context, client_id, true)->session;
    broker::Session::Terms terms;
    terms.sink = &client;
    terms.expiry_interval_s = expiry_s;
    terms.send_window = send_window;
    session.attach(std::move(terms));
    session.resume();
    return session;
  }
  static void subscribe(broker::Session& session, std::string_view filter, mqtt::QoS qos) {
    const auto size = static_cast<std::uint16_t>(filter.size());
    std::vector<std::uint8_t> payload{static_cast<std::uint8_t>(size >> 8),
                                      static_cast<std::uint8_t>(size & 0xFF)};
    payload.insert(payload.end(), filter.begin(), filter.end());
    payload.push_back(static_cast<std::uint8_t>(qos));
    REQUIRE(session.subscriptions().on_subscribe({1, {}, payload}) == broker::InputOutcome::done);
  }
  /// The turn ends: what was left for later goes on, and letters leave.
  void end_turn() {
    work.on_turn_end();
    dispatcher.post_letters();
    trees.end_turn();
  }
  /// How many turns it takes until nothing is left.
  int turns_until_idle() {
    int turns = 0;
    for (; !work.idle(); ++turns) end_turn();
    return turns;
  }

  broker::Worker worker;
  broker::TurnAccess trees;
  broker::WorkerContext here;
  broker::SlicedWork work{worker};
  broker::EndedSubscriptions ended;
  broker::Journal journal;  ///< used if `SharedRooms::journaled` is set
  broker::SessionContext context;
  broker::SessionTable sessions{context};
  broker::Router router;
  broker::Dispatcher dispatcher;
};

/// A broker of one worker.
struct Rooms : SharedRooms, WorkerRooms {
  explicit Rooms(const broker::Config& config = {}, bool with_journal = false)
      : SharedRooms(1, config, with_journal), WorkerRooms(static_cast<SharedRooms&>(*this), 0) {
    dispatcher.connect({&dispatcher});
  }
};

/// A broker of several.
class Workers : public SharedRooms {
 public:
  explicit Workers(unsigned count, broker::Config config = {})
      : SharedRooms(count, std::move(config)) {
    std::vector<broker::Dispatcher*> dispatchers;
    for (unsigned i = 0; i < count; ++i) {
      rooms_.push_back(std::make_unique<WorkerRooms>(*this, i));
      dispatchers.push_back(&rooms_.back()->dispatcher);
    }
    for (const auto& rooms : rooms_) rooms->dispatcher.connect(dispatchers);
  }

  WorkerRooms& operator[](std::size_t index) { return *rooms_[index]; }
  std::size_t size() const { return rooms_.size(); }

 private:
  std::vector<std::unique_ptr<WorkerRooms>> rooms_;
};

}  // namespace test
