/// What a message takes from the heap on its way through two sessions of one worker, once both have
/// been busy for a while.

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/authoriser.h"
#include "log/log.h"
#include "metrics/metrics.h"
#include "mqtt/protocol/bytes.h"
#include "routing/router.h"
#include "session/dispatcher.h"
#include "session/opening.h"
#include "session/session_table.h"
#include "support/allocation_count.h"
#include "support/sanitized.h"

namespace {

using mqtt::PacketType;
using mqtt::QoS;
using mqtt::ReasonCode;

/// A client that takes everything; the identifiers of what it was sent wait for its answers.
struct Client final : broker::PacketSink {
  broker::SendResult send_publish(broker::Publication&,
                                  const broker::OutgoingPublish& out) override {
    ++messages;
    last_id = out.packet_id;
    return broker::SendResult::sent;
  }
  void send_acknowledgement(PacketType type, std::uint16_t, ReasonCode) override {
    last_answer = type;
  }
  void send(const mqtt::Suback&) override {}
  void send(const mqtt::Unsuback&) override {}
  bool has_room() const override { return true; }
  void continue_input() override {}
  void disconnect(ReasonCode) override {}
  void session_taken_over() override {}

  int messages = 0;
  std::uint16_t last_id = 0;
  PacketType last_answer{};
};

/// The rooms of one worker, without a network; nothing runs but what a test calls.
struct Rooms {
  Rooms() {
    context.dispatcher = &dispatcher;
    context.sessions = &sessions;
    dispatcher.connect({&dispatcher});
  }
  /// The turn ends, and with it what it read: nobody may hold a lock that goes.
  ~Rooms() { trees.end_turn(); }

  static std::shared_ptr<const broker::Config> make_config() {
    broker::Config config;
    config.listeners.emplace_back();
    return std::make_shared<const broker::Config>(std::move(config));
  }
  broker::Session& open(const std::string& client_id, Client& client) {
    context.directory.claim(client_id, 0);
    broker::Session& session = *broker::open_session(context, client_id, true)->session;
    broker::Session::Terms terms;
    terms.sink = &client;
    session.attach(std::move(terms));
    return session;
  }

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
                                 directory, access,        make_config()};
  broker::SessionTable sessions{context};
  broker::Router router{subscriptions, trees, worker};
  broker::Dispatcher dispatcher{context, router};
};

struct Pair {
  Pair() {
    mqtt::Subscribe subscribe;
    subscribe.packet_id = 1;
    mqtt::SubscriptionRequest request;
    request.filter = "a/b";
    request.options.qos = QoS::exactly_once;
    subscribe.subscriptions.push_back(request);
    REQUIRE(receiver.on_subscribe(subscribe));
  }

  /// One message all the way, with every acknowledgement.
  void pass(QoS qos) {
    next_id = next_id == 65535 ? std::uint16_t{1} : static_cast<std::uint16_t>(next_id + 1);
    mqtt::Publish packet;
    packet.qos = qos;
    packet.topic = "a/b";
    packet.payload = mqtt::as_bytes("21.5 degrees, and a little more");
    packet.packet_id = qos == QoS::at_most_once ? std::uint16_t{0} : next_id;
    accept(sender.on_publish(packet).has_value());
    if (qos == QoS::exactly_once) {
      accept(sender.on_pubrel(next_id).has_value());
      accept(receiver.on_pubrec(to.last_id, ReasonCode::success).has_value());
      accept(receiver.on_pubcomp(to.last_id).has_value());
    } else if (qos == QoS::at_least_once) {
      accept(receiver.on_puback(to.last_id, ReasonCode::success).has_value());
    }
  }
  /// Without Catch's own macros, which may allocate.
  void accept(bool ok) { violations += ok ? 0 : 1; }

  Rooms rooms;
  Client from;
  Client to;
  broker::Session& sender = rooms.open("sender", from);
  broker::Session& receiver = rooms.open("receiver", to);
  std::uint16_t next_id = 0;
  int violations = 0;
};

std::size_t allocations_of(QoS qos) {
  constexpr int messages = 100;
  Pair pair;
  for (int i = 0; i < messages; ++i) pair.pass(qos);
  const AllocationCount before = AllocationCount::so_far();
  for (int i = 0; i < messages; ++i) pair.pass(qos);
  const AllocationCount after = AllocationCount::so_far();
  CHECK(pair.to.messages == 2 * messages);
  CHECK(pair.violations == 0);
  return (after.calls - before.calls + messages - 1) / messages;
}

TEST_CASE("a message of QoS 0 passes two sessions without an allocation", "[allocations]") {
  CHECK(allocations_of(QoS::at_most_once) == 0);
}

// What a message lay in serves the next one of its size; under a sanitizer every message has its
// own.
TEST_CASE("a message of QoS 1 or 2 takes memory once at most, however long it is held",
          "[allocations]") {
  constexpr std::size_t most = test::sanitized ? 1 : 0;
  CHECK(allocations_of(QoS::at_least_once) == most);
  CHECK(allocations_of(QoS::exactly_once) == most);
}

}  // namespace
