#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/authoriser.h"
#include "log/log.h"
#include "metrics/metrics.h"
#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/packet.h"
#include "routing/router.h"
#include "session/dispatcher.h"
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
  void session_taken_over() override {}

  bool takes = true;
  bool keeps_topics = false;
  int messages = 0;
  std::uint16_t last_id = 0;
  mqtt::PacketType last_answer{};
  std::vector<std::string> topics;                        ///< if `keeps_topics`
  std::vector<std::vector<mqtt::ReasonCode>> answers;     ///< SUBACK and UNSUBACK
  int continued = 0;                                      ///< times that held up input went on
  mqtt::ReasonCode rejected = mqtt::ReasonCode::success;  ///< what ended it
};

/// The rooms of one worker, without a network; nothing runs but what a test calls.
struct Rooms {
  explicit Rooms(const broker::Config& config = {}) : settings(with_listener(config)) {
    context.dispatcher = &dispatcher;
    context.sessions = &sessions;
    dispatcher.connect({&dispatcher});
  }
  /// The turn ends, and with it what it read: nobody may hold a lock that goes.
  ~Rooms() { trees.end_turn(); }

  static std::shared_ptr<const broker::Config> with_listener(broker::Config config) {
    config.listeners.emplace_back();
    return std::make_shared<const broker::Config>(std::move(config));
  }
  broker::Session& open(const std::string& client_id, Client& client, std::uint32_t expiry_s = 0,
                        std::uint16_t send_window = 65535) {
    context.directory.claim(client_id, 0);
    broker::Session& session = *broker::open_session(context, client_id, true)->session;
    broker::Session::Terms terms;
    terms.sink = &client;
    terms.expiry_interval_s = expiry_s;
    terms.send_window = send_window;
    session.attach(std::move(terms));
    return session;
  }
  static void subscribe(broker::Session& session, std::string_view filter, mqtt::QoS qos) {
    const auto size = static_cast<std::uint16_t>(filter.size());
    std::vector<std::uint8_t> payload{static_cast<std::uint8_t>(size >> 8),
                                      static_cast<std::uint8_t>(size & 0xFF)};
    payload.insert(payload.end(), filter.begin(), filter.end());
    payload.push_back(static_cast<std::uint8_t>(qos));
    REQUIRE(session.on_subscribe({1, {}, payload}) == broker::InputOutcome::done);
  }
  /// The turn ends: what was left for later goes on.
  void end_turn() {
    work.on_turn_end();
    trees.end_turn();
  }
  /// How many turns it takes until nothing is left.
  int turns_until_idle() {
    int turns = 0;
    for (; !work.idle(); ++turns) end_turn();
    return turns;
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

  std::shared_ptr<const broker::Config> settings;
  broker::SystemClock clock;
  broker::Worker worker{0, clock};
  broker::Log log;
  broker::Metrics metrics{1};
  broker::TurnLock lock{1};
  broker::TurnAccess trees{lock, 0};
  broker::SubscriptionTree subscriptions;
  broker::RetainedTree retained;
  broker::ClientDirectory directory;
  broker::AccessControl access;
  broker::SlicedWork work{worker};
  broker::EndedSubscriptions ended{work, trees, subscriptions};
  broker::SessionContext context{worker,    log,           metrics.of_worker(0),
                                 trees,     subscriptions, retained,
                                 directory, access,        work,
                                 ended,     settings};
  broker::SessionTable sessions{context};
  broker::Router router{subscriptions, trees, worker};
  broker::RetainedOrder order{1};
  broker::Dispatcher dispatcher{context, router, order};
};

}  // namespace test
