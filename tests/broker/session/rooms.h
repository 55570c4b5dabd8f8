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
#include "mqtt/protocol/packet.h"
#include "routing/router.h"
#include "session/dispatcher.h"
#include "session/opening.h"
#include "session/session_table.h"

namespace test {

/// A client that takes everything; the identifiers of what it was sent wait for its answers.
struct Client : broker::PacketSink {
  virtual ~Client() = default;

  broker::SendResult send_publish(broker::Publication&,
                                  const broker::OutgoingPublish& out) override {
    ++messages;
    last_id = out.packet_id;
    return broker::SendResult::sent;
  }
  void send_acknowledgement(mqtt::PacketType type, std::uint16_t, mqtt::ReasonCode) override {
    last_answer = type;
  }
  void send(const mqtt::Suback&) override {}
  void send(const mqtt::Unsuback&) override {}
  bool has_room() const override { return true; }
  void continue_input() override {}
  void disconnect(mqtt::ReasonCode) override {}
  void session_taken_over() override {}

  int messages = 0;
  std::uint16_t last_id = 0;
  mqtt::PacketType last_answer{};
};

/// The rooms of some workers, without a network and without threads: nothing runs but what a test
/// calls.
class Workers {
 public:
  /// Of one worker.
  struct Rooms {
    Rooms(Workers& all, unsigned index)
        : worker(index, all.clock),
          trees(all.lock, index),
          context{worker,        all.log,      all.metrics.of_worker(index),
                  trees,         all.trees,    all.retained,
                  all.directory, all.access,   all.config},
          sessions(context),
          router(all.trees, trees, worker),
          dispatcher(context, router, all.order) {
      context.dispatcher = &dispatcher;
      context.sessions = &sessions;
    }

    broker::Session& open(const std::string& client_id, broker::PacketSink& client) {
      context.directory.claim(client_id, static_cast<std::uint16_t>(worker.index()));
      broker::Session& session = *broker::open_session(context, client_id, true)->session;
      broker::Session::Terms terms;
      terms.sink = &client;
      session.attach(std::move(terms));
      return session;
    }
    void end_turn() {
      dispatcher.post_letters();
      trees.end_turn();
    }

    broker::Worker worker;
    broker::TurnAccess trees;
    broker::SessionContext context;
    broker::SessionTable sessions;
    broker::Router router;
    broker::Dispatcher dispatcher;
  };

  explicit Workers(unsigned count, broker::Config settings = {})
      : config(with_listener(std::move(settings))), metrics(count), lock(count), order(count) {
    std::vector<broker::Dispatcher*> dispatchers;
    for (unsigned i = 0; i < count; ++i) {
      rooms_.push_back(std::make_unique<Rooms>(*this, i));
      dispatchers.push_back(&rooms_.back()->dispatcher);
    }
    for (const auto& rooms : rooms_) rooms->dispatcher.connect(dispatchers);
  }
  /// The turns end, and with them what they read: nobody may hold a lock that goes.
  ~Workers() {
    for (const auto& rooms : rooms_) rooms->trees.end_turn();
  }

  Rooms& operator[](std::size_t index) { return *rooms_[index]; }
  std::size_t size() const { return rooms_.size(); }

  static void subscribe(broker::Session& session, std::string_view filter, mqtt::QoS qos) {
    mqtt::Subscribe packet;
    packet.packet_id = 1;
    mqtt::SubscriptionRequest request;
    request.filter = filter;
    request.options.qos = qos;
    packet.subscriptions.push_back(request);
    REQUIRE(session.on_subscribe(packet));
  }

  const std::shared_ptr<const broker::Config> config;
  broker::SystemClock clock;
  broker::Log log;
  broker::Metrics metrics;
  broker::TurnLock lock;
  broker::SubscriptionTree trees;
  broker::RetainedTree retained;
  broker::RetainedOrder order;
  broker::ClientDirectory directory;
  broker::AccessControl access;

 private:
  static std::shared_ptr<const broker::Config> with_listener(broker::Config config) {
    config.listeners.emplace_back();
    return std::make_shared<const broker::Config>(std::move(config));
  }
  std::vector<std::unique_ptr<Rooms>> rooms_;
};

}  // namespace test
