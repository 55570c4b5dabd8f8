/// SUBSCRIBE and UNSUBSCRIBE of many filters: a bounded part in each turn, one answer at the end.

#include <catch2/catch.hpp>
#include <string>

#include "broker/session/rooms.h"
#include "support/packet_builders.h"

using namespace test;
using broker::InputOutcome;
using mqtt::ReasonCode;

namespace {

Bytes payload(int count, const std::string& root, const char* behind) {
  Bytes bytes;
  for (int i = 0; i < count; ++i) {
    const Bytes one = hex("('" + root + std::to_string(i) + "') " + behind);
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

Bytes repeated_filter(int count, const std::string& filter, const char* behind) {
  const Bytes one = hex("('" + filter + "') " + behind);
  Bytes bytes;
  for (int i = 0; i < count; ++i) bytes.insert(bytes.end(), one.begin(), one.end());
  return bytes;
}

/// Answers when it is told to.
struct SlowAuthoriser final : broker::Authoriser {
  broker::Verdict authorise(const broker::AccessRequest& request,
                            const AnswerMaker& make_answer) override {
    if (request.access != broker::Access::subscribe) return broker::Verdict::allow;
    answers.push_back(make_answer());
    return broker::Verdict::later;
  }
  std::vector<Answer> answers;
};

}  // namespace

TEST_CASE("a few filters are answered at once") {
  Rooms rooms;
  Client client;
  broker::Session& session = rooms.open("client", client);
  CHECK(session.subscriptions().on_subscribe({1, {}, payload(50, "t/", "01")}) ==
        InputOutcome::done);
  REQUIRE(client.answers.size() == 1);
  CHECK(client.answers[0] == std::vector(50, ReasonCode::granted_qos_1));
  CHECK(session.subscriptions().on_unsubscribe({2, {}, payload(50, "t/", "")}) ==
        InputOutcome::done);
  REQUIRE(client.answers.size() == 2);
  CHECK(client.answers[1] == std::vector(50, ReasonCode::success));
  CHECK(client.continued == 0);
}

TEST_CASE("many filters are worked through turn by turn while the input waits") {
  constexpr int count = 20'000;
  Rooms rooms;
  Client client;
  broker::Session& session = rooms.open("client", client);
  REQUIRE(session.subscriptions().on_subscribe({1, {}, payload(count, "t/", "01")}) ==
          InputOutcome::wait);
  const auto in_tree = [&rooms] { return rooms.subscriptions.subscription_count(); };
  int turns = 0;
  for (std::size_t before = in_tree(); !rooms.work.idle(); ++turns) {
    CHECK(client.answers.empty());
    rooms.end_turn();
    CHECK(in_tree() - before <= broker::SlicedWork::turn_steps / 10 + 4);
    before = in_tree();
  }
  CHECK(turns > 20);
  REQUIRE(client.answers.size() == 1);
  CHECK(client.answers[0] == std::vector(count, ReasonCode::granted_qos_1));
  CHECK(client.continued == 1);
  CHECK(in_tree() == count);

  REQUIRE(session.subscriptions().on_unsubscribe({2, {}, payload(count, "t/", "")}) ==
          InputOutcome::wait);
  CHECK(rooms.turns_until_idle() > 20);
  REQUIRE(client.answers.size() == 2);
  CHECK(client.answers[1] == std::vector(count, ReasonCode::success));
  CHECK(client.continued == 2);
  CHECK(in_tree() == 0);
}

TEST_CASE("a packet that turns out to be malformed has changed nothing") {
  Rooms rooms;
  Client client;
  broker::Session& session = rooms.open("client", client);
  const Bytes bad = hex("('a/#/b') 01");
  SECTION("seen at once") {
    Bytes filters = payload(10, "t/", "01");
    filters.insert(filters.end(), bad.begin(), bad.end());
    const auto outcome = session.subscriptions().on_subscribe({1, {}, filters});
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().reason == ReasonCode::malformed_packet);
  }
  SECTION("seen in a later turn") {
    Bytes filters = payload(20'000, "t/", "01");
    filters.insert(filters.end(), bad.begin(), bad.end());
    REQUIRE(session.subscriptions().on_subscribe({1, {}, filters}) == InputOutcome::wait);
    CHECK(client.rejected == ReasonCode::success);
    rooms.turns_until_idle();
    CHECK(client.rejected == ReasonCode::malformed_packet);
  }
  CHECK(client.answers.empty());
  CHECK(client.continued == 0);
  CHECK(rooms.subscriptions.subscription_count() == 0);
}

TEST_CASE("a connection that is lost takes its unfinished request along") {
  Rooms rooms;
  Client client;
  broker::Session& session = rooms.open("client", client);
  const broker::SessionId id = session.id();
  REQUIRE(session.change_expiry_interval(0));
  REQUIRE(session.subscriptions().on_subscribe({1, {}, payload(20'000, "t/", "01")}) ==
          InputOutcome::wait);
  rooms.end_turn();
  rooms.end_turn();
  session.connection_lost(broker::Session::Departure::disconnected);
  CHECK(rooms.sessions.find(id) == nullptr);
  rooms.turns_until_idle();
  CHECK(client.answers.empty());
  CHECK(rooms.subscriptions.subscription_count() == 0);
}

TEST_CASE("a slow authoriser and the end of a turn may meet in one request") {
  constexpr int count = 600;  // two turns' worth
  Rooms rooms;
  SlowAuthoriser slow;
  rooms.access.set(&slow);
  Client client;
  broker::Session& session = rooms.open("client", client);
  REQUIRE(session.subscriptions().on_subscribe({1, {}, payload(count, "t/", "01")}) ==
          InputOutcome::wait);
  for (int i = 0; i < count; ++i) {
    while (slow.answers.empty()) {
      REQUIRE_FALSE(rooms.work.idle());
      rooms.end_turn();
    }
    REQUIRE(slow.answers.size() == 1);  // one question at a time
    const auto answer = std::move(slow.answers.back());
    slow.answers.pop_back();
    answer(i % 2 == 0);
  }
  rooms.turns_until_idle();
  REQUIRE(client.answers.size() == 1);
  REQUIRE(client.answers[0].size() == count);
  CHECK(client.answers[0][0] == ReasonCode::granted_qos_1);
  CHECK(client.answers[0][1] == ReasonCode::not_authorized);
  CHECK(client.answers[0][598] == ReasonCode::granted_qos_1);
  CHECK(client.answers[0][599] == ReasonCode::not_authorized);
  CHECK(client.continued == 1);
  CHECK(rooms.subscriptions.subscription_count() == count / 2);
}

TEST_CASE("a filter that is named again and again has one replay, after the answer") {
  Rooms rooms;
  for (int i = 0; i < 30; ++i) rooms.retain("r/" + std::to_string(i));
  Client client;
  client.keeps_topics = true;
  broker::Session& session = rooms.open("client", client, /*expiry_s=*/0, /*send_window=*/20);
  REQUIRE(session.subscriptions().on_subscribe({1, {}, repeated_filter(20'000, "r/+", "01")}) ==
          InputOutcome::wait);
  while (client.answers.empty()) {
    CHECK(client.topics.empty());
    rooms.end_turn();
  }
  rooms.turns_until_idle();
  CHECK(client.topics.size() == 20);  // the window
  for (std::uint16_t id = 1; id <= 30; ++id)
    REQUIRE(session.outgoing().on_puback(id, ReasonCode::success));
  CHECK(client.topics.size() == 30);
  CHECK(rooms.metrics.unaccounted() == 0);
}

TEST_CASE("replays without end are sent turn by turn") {
  constexpr int count = 10'000;
  Rooms rooms;
  for (int i = 0; i < count; ++i) rooms.retain("r/" + std::to_string(i));
  Client client;
  broker::Session& session = rooms.open("client", client);
  REQUIRE(session.subscriptions().on_subscribe({1, {}, hex("('r/+') 00")}) == InputOutcome::done);
  int turns = 0;
  for (int before = 0; !rooms.work.idle(); ++turns) {
    CHECK(client.messages - before <= static_cast<int>(broker::SlicedWork::turn_steps));
    before = client.messages;
    rooms.end_turn();
  }
  CHECK(turns > 3);
  CHECK(client.messages == count);
}

TEST_CASE("many searches that find nothing are shared out over turns") {
  Rooms rooms;
  for (int i = 0; i < 1000; ++i) rooms.retain("r/" + std::to_string(i) + "/a");
  Client client;
  broker::Session& session = rooms.open("client", client);
  Bytes filters;
  for (int i = 0; i < 100; ++i) {
    const Bytes one = hex("('+/+/b" + std::to_string(i) + "') 00");
    filters.insert(filters.end(), one.begin(), one.end());
  }
  REQUIRE(session.subscriptions().on_subscribe({1, {}, filters}) == InputOutcome::done);
  CHECK(rooms.turns_until_idle() >= 100 * 1000 / static_cast<int>(broker::SlicedWork::turn_steps));
  CHECK(client.messages == 0);
}
