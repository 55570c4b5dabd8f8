/// A session that is frozen on one worker and thawed on another goes on as if nothing had happened:
/// with its client, or while it waits for it.

#include <catch2/catch.hpp>

#include "broker/session/scripted_client.h"
#include "support/manual_clock.h"

using namespace test;
using broker::InputOutcome;
using broker::Session;
using broker::SessionState;
using mqtt::QoS;
using mqtt::ReasonCode;
using Lines = ScriptedClient::Lines;

namespace {

/// Two workers: the publisher on the first, a receiver that moves between them.
struct Moving {
  static broker::Config with_window(std::uint16_t messages) {
    broker::Config config;
    config.limits.max_inflight_messages = messages;
    return config;
  }
  explicit Moving(std::uint16_t window = 20)
      : workers(2, with_window(window)),
        publisher(workers[0].open("publisher", from)),
        receiver(&workers[0].open("receiver", to, /*expiry_s=*/60, window)) {}

  void publish(const char* topic, const char* payload, int qos) {
    REQUIRE(publisher.incoming().on_publish(
        publish_packet(topic, payload, qos, qos == 0 ? std::uint16_t{0} : ++last_id)));
    if (qos == 2) REQUIRE(publisher.incoming().on_pubrel(last_id));
    turn();
  }
  /// Letters leave, and arrive.
  void turn() {
    for (std::size_t i = 0; i < workers.size(); ++i) workers[i].end_turn();
    for (std::size_t i = 0; i < workers.size(); ++i) workers[i].worker.open_mail();
  }
  SessionState freeze() {
    SessionState state = workers[at].sessions.freeze(*receiver);
    receiver = nullptr;
    turn();
    return state;
  }
  void thaw(SessionState state, std::size_t worker) {
    at = worker;
    receiver = workers[at].sessions.thaw(std::move(state));
    REQUIRE(receiver != nullptr);
  }
  /// The connection comes along: what it has been sent stays sent.
  void move_with_connection(std::size_t worker, std::uint16_t window = 20) {
    SessionState state = freeze();
    Session::Terms terms = terms_of(to, window);
    terms.will = std::move(state.absence.will);
    thaw(std::move(state), worker);
    receiver->attach(std::move(terms));
    receiver->resume();
  }
  static Session::Terms terms_of(ScriptedClient& client, std::uint16_t window = 20) {
    Session::Terms terms;
    terms.sink = &client;
    terms.expiry_interval_s = 60;
    terms.send_window = window;
    return terms;
  }
  std::int64_t total(broker::Count what) const { return workers.metrics.total(what); }

  Workers workers;
  ScriptedClient from;
  ScriptedClient to;
  Session& publisher;
  Session* receiver;
  std::size_t at = 0;
  std::uint16_t last_id = 0;
};

}  // namespace

TEST_CASE("a session moves with its connection, and its flows go on") {
  Moving of(/*window=*/3);
  Rooms::subscribe(*of.receiver, "t", QoS::exactly_once);
  of.to.heard();
  of.publish("t", "1", 1);
  of.publish("t", "2", 2);
  of.publish("t", "3", 2);
  of.publish("t", "4", 1);  // beyond the window: queued
  CHECK(of.to.heard() ==
        Lines{"PUBLISH t 1 id 1 qos 1", "PUBLISH t 2 id 2 qos 2", "PUBLISH t 3 id 3 qos 2"});
  REQUIRE(of.receiver->outgoing().on_pubrec(2, ReasonCode::success));
  CHECK(of.to.heard() == Lines{"PUBREL 2"});
  REQUIRE(of.receiver->incoming().on_publish(publish_packet("held", "x", 2, 9)));
  CHECK(of.to.heard() == Lines{"PUBREC 9"});

  of.move_with_connection(1, 3);
  CHECK(of.to.heard().empty());
  CHECK(of.total(broker::Count::in_flight_messages) == 2);
  CHECK(of.total(broker::Count::queued_messages) == 1);

  of.publish("t", "5", 1);  // the subscription came along
  CHECK(of.to.heard().empty());
  REQUIRE(of.receiver->outgoing().on_puback(1, ReasonCode::success));
  CHECK(of.to.heard() == Lines{"PUBLISH t 4 id 4 qos 1"});
  REQUIRE(of.receiver->outgoing().on_pubcomp(2));
  CHECK(of.to.heard() == Lines{"PUBLISH t 5 id 5 qos 1"});
  REQUIRE(of.receiver->outgoing().on_pubrec(3, ReasonCode::success));
  REQUIRE(of.receiver->incoming().on_publish(publish_packet("held", "x", 2, 9)));
  REQUIRE(of.receiver->incoming().on_pubrel(9));
  CHECK(of.to.heard() == Lines{"PUBREL 3", "PUBREC 9", "PUBCOMP 9"});
}

TEST_CASE("a session that waits for its client is the same on another worker") {
  Moving of;
  Rooms::subscribe(*of.receiver, "t", QoS::exactly_once);
  of.publish("t", "1", 1);
  of.publish("t", "2", 2);
  REQUIRE(of.receiver->outgoing().on_pubrec(2, ReasonCode::success));
  of.receiver->connection_lost(Session::Departure::lost);
  of.publish("t", "3", 1);
  of.to.heard();
  for (const std::size_t worker : {1U, 0U, 1U}) of.thaw(of.freeze(), worker);
  of.publish("t", "4", 2);

  of.receiver->attach(Moving::terms_of(of.to));
  of.receiver->resume();
  CHECK(of.to.heard() == Lines{"PUBREL 2", "PUBLISH t 1 id 1 qos 1 dup", "PUBLISH t 3 id 3 qos 1",
                               "PUBLISH t 4 id 4 qos 2"});
}

TEST_CASE("retained messages that are still to come follow, none twice") {
  Moving of(/*window=*/2);
  for (int i = 1; i <= 5; ++i) of.workers.retain("r/" + std::to_string(i));
  Rooms::subscribe(*of.receiver, "r/+", QoS::at_least_once);
  CHECK(of.to.heard() == Lines{"SUBACK 1", "PUBLISH r/1 x id 1 qos 1 retained",
                               "PUBLISH r/2 x id 2 qos 1 retained"});
  of.move_with_connection(1, 2);
  for (std::uint16_t id = 1; id <= 4; ++id)
    REQUIRE(of.receiver->outgoing().on_puback(id, ReasonCode::success));
  CHECK(of.to.heard() == Lines{"PUBLISH r/3 x id 3 qos 1 retained",
                               "PUBLISH r/4 x id 4 qos 1 retained",
                               "PUBLISH r/5 x id 5 qos 1 retained"});
}

TEST_CASE("what few clients have comes along") {
  Moving of;
  Session::Terms terms = Moving::terms_of(of.to);
  terms.user_name = "user";
  terms.topics = broker::TopicMap("home/");
  terms.version = mqtt::ProtocolVersion::v311;
  terms.will = std::make_unique<broker::Will>();
  terms.will->message = broker::Message::create({.topic = *mqtt::TopicName::parse("home/will"),
                                                 .payload = mqtt::as_bytes("gone"),
                                                 .properties = {},
                                                 .publisher = {}});
  terms.will->delay_s = 30;
  of.receiver->connection_lost(Session::Departure::disconnected);
  of.receiver->attach(std::move(terms));
  of.receiver->resume();
  of.receiver->connection_lost(Session::Departure::lost);
  const SessionState state = of.freeze();
  CHECK(state.client_id == "receiver");
  CHECK(state.user_name == "user");
  CHECK(state.mount_point == "home/");
  CHECK(state.version == mqtt::ProtocolVersion::v311);
  CHECK(state.expiry_interval_s == 60);
  CHECK(state.absence.expires_at != broker::never);
  REQUIRE(state.absence.will);
  CHECK(state.absence.will_due_at == state.absence.expires_at - 30'000);
}

TEST_CASE("a frozen session leaves nothing behind, and its identifier is free") {
  Moving of;
  Rooms::subscribe(*of.receiver, "t", QoS::at_least_once);
  of.publish("t", "1", 1);
  SessionState state = of.freeze();
  CHECK(of.workers.subscriptions.subscription_count() == 0);
  CHECK(of.total(broker::Count::in_flight_messages) == 0);
  CHECK(of.workers.directory.session_count() == 1);
  SECTION("until somebody takes it: then what was frozen is over") {
    ScriptedClient another;
    of.workers[1].open("receiver", another);
    CHECK(of.workers[0].sessions.thaw(std::move(state)) == nullptr);
    CHECK(of.workers.directory.session_count() == 2);
  }
  SECTION("or is about to") {
    of.workers.directory.claim("receiver", 1);
    CHECK(of.workers[0].sessions.thaw(std::move(state)) == nullptr);
    of.workers.directory.abandon("receiver");
    CHECK(of.workers.directory.session_count() == 1);
  }
}

TEST_CASE("a session whose input waits is not quiet") {
  Rooms rooms(broker::Config{}, /*with_journal=*/true);
  ScriptedClient client;
  Session& session = rooms.open("client", client);
  CHECK(session.is_quiet());
  rooms.journal.note();
  REQUIRE(session.incoming().on_publish(publish_packet("t", "x", 1, 1)));
  CHECK_FALSE(session.is_quiet());
  rooms.journal.commit(1);
  CHECK(session.is_quiet());
}
