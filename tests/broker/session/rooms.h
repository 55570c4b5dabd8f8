#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

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
  broker::Session& open(const std::string& client_id, Client& client, std::uint32_t expiry_s = 0) {
    context.directory.claim(client_id, 0);
    broker::Session& session = *broker::open_session(context, client_id, true)->session;
    broker::Session::Terms terms;
    terms.sink = &client;
    terms.expiry_interval_s = expiry_s;
    session.attach(std::move(terms));
    return session;
  }
  static void subscribe(broker::Session& session, std::string_view filter, mqtt::QoS qos) {
    mqtt::Subscribe packet;
    packet.packet_id = 1;
    mqtt::SubscriptionRequest request;
    request.filter = filter;
    request.options.qos = qos;
    packet.subscriptions.push_back(request);
    REQUIRE(session.on_subscribe(packet));
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
  broker::SessionContext context{worker,    log,           metrics.of_worker(0),
                                 trees,     subscriptions, retained,
                                 directory, access,        settings};
  broker::SessionTable sessions{context};
  broker::Router router{subscriptions, trees, worker};
  broker::RetainedOrder order{1};
  broker::Dispatcher dispatcher{context, router, order};
};

}  // namespace test
