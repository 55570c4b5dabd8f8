/// An authoriser that thinks about everything: each question is asked, waits, and is heeded when its
/// verdict comes. What is behind a question waits with it, so that order is kept.

#include <catch2/catch.hpp>
#include <deque>

#include "broker/session/scripted_client.h"

using namespace test;
using broker::Access;
using broker::InputOutcome;
using mqtt::QoS;
using mqtt::ReasonCode;
using Lines = ScriptedClient::Lines;

namespace {

/// Allows everything until it is told to think; from then on it answers when told to.
struct Thinker final : broker::Authoriser {
  broker::Verdict authorise(const broker::AccessRequest& request,
                            const AnswerMaker& make_answer) override {
    if (!thinks) return broker::Verdict::allow;
    questions.push_back({request.access, std::string(request.client.id), std::string(request.topic),
                         make_answer()});
    return broker::Verdict::later;
  }
  /// Answers the oldest question, which is about this.
  void answer(Access access, const std::string& client, const std::string& topic, bool allowed) {
    REQUIRE_FALSE(questions.empty());
    const Question question = std::move(questions.front());
    questions.pop_front();
    CHECK(question.access == access);
    CHECK(question.client == client);
    CHECK(question.topic == topic);
    question.answer(allowed);
  }

  struct Question {
    Access access;
    std::string client;
    std::string topic;
    Answer answer;
  };
  bool thinks = false;
  std::deque<Question> questions;
};

struct Slow {
  Slow() { rooms.access.set(&thinker); }

  std::int64_t dropped(broker::DropReason reason) { return rooms.metrics.of_worker(0).get(reason); }
  /// The client comes back, to the session that waited for it.
  void come_back(broker::Session& session, ScriptedClient& client, const std::string& user = {}) {
    broker::Session::Terms terms;
    terms.sink = &client;
    terms.expiry_interval_s = 60;
    terms.user_name = user;
    session.attach(std::move(terms));
    session.resume();
  }
  static void lose(broker::Session& session) {
    session.connection_lost(broker::Session::Departure::lost);
  }
  void publish(int qos, const char* payload) {
    const auto outcome = publisher.incoming().on_publish(
        publish_packet("t", payload, qos, qos == 0 ? std::uint16_t{0} : ++last_id));
    REQUIRE(outcome);
  }

  Rooms rooms;
  Thinker thinker;
  ScriptedClient from;
  ScriptedClient to;
  broker::Session& publisher = rooms.open("publisher", from);
  broker::Session& receiver = rooms.open("receiver", to, /*expiry_s=*/60);
  std::uint16_t last_id = 0;
};

}  // namespace

TEST_CASE("a PUBLISH waits for its verdict, and the input behind it") {
  Slow of;
  of.thinker.thinks = true;
  const int qos = GENERATE(0, 1, 2);
  const auto id = static_cast<std::uint16_t>(qos == 0 ? 0 : 7);
  CHECK(of.publisher.incoming().on_publish(publish_packet("t", "x", qos, id)) ==
        InputOutcome::wait);
  CHECK(of.from.heard().empty());
  const bool allowed = GENERATE(true, false);
  of.thinker.answer(Access::publish, "publisher", "t", allowed);
  Lines expected;
  if (qos == 1) expected.emplace_back(allowed ? "PUBACK 7 0x10" : "PUBACK 7 0x87");
  if (qos == 2) expected.emplace_back(allowed ? "PUBREC 7" : "PUBREC 7 0x87");
  expected.emplace_back("go on");
  CHECK(of.from.heard() == expected);
}

TEST_CASE("a verdict on a PUBLISH of a connection that is gone acknowledges nothing") {
  Slow of;
  of.thinker.thinks = true;
  const int qos = GENERATE(1, 2);
  REQUIRE(of.receiver.incoming().on_publish(publish_packet("t", "x", qos, 7)) ==
          InputOutcome::wait);
  Slow::lose(of.receiver);
  ScriptedClient again;
  of.thinker.thinks = false;
  of.come_back(of.receiver, again);
  of.thinker.answer(Access::publish, "receiver", "t", true);
  CHECK(of.to.heard().empty());
  CHECK(again.heard().empty());
  // The client sends it again; at QoS 2 the verdict that came counts.
  REQUIRE(of.receiver.incoming().on_publish(publish_packet("t", "x", qos, 7)));
  CHECK(again.heard() == Lines{qos == 1 ? "PUBACK 7 0x10" : "PUBREC 7"});
}

TEST_CASE("a QoS 2 message is asked about again when it is released") {
  Slow of;
  Rooms::subscribe(of.receiver, "t", QoS::at_most_once);
  of.to.heard();
  of.publish(2, "x");
  of.from.heard();
  of.thinker.thinks = true;
  REQUIRE(of.publisher.incoming().on_pubrel(1) == InputOutcome::wait);
  const bool allowed = GENERATE(true, false);
  of.thinker.thinks = false;
  of.thinker.answer(Access::publish, "publisher", "t", allowed);
  CHECK(of.from.heard() == Lines{"PUBCOMP 1", "go on"});
  CHECK(of.to.heard() == (allowed ? Lines{"PUBLISH t x"} : Lines{}));
}

TEST_CASE("a SUBSCRIBE waits for the verdict on each filter") {
  Slow of;
  of.thinker.thinks = true;
  std::vector<std::uint8_t> filters{0, 1, 'a', 1, 0, 1, 'b', 1};
  REQUIRE(of.receiver.subscriptions().on_subscribe({9, {}, filters}) == InputOutcome::wait);
  of.thinker.answer(Access::subscribe, "receiver", "a", true);
  CHECK(of.to.heard().empty());
  of.thinker.answer(Access::subscribe, "receiver", "b", false);
  CHECK(of.to.heard() == Lines{"SUBACK 9", "go on"});
  CHECK(of.rooms.subscriptions.subscription_count() == 1);
}

TEST_CASE("a delivery waits for its verdict, and those behind it") {
  Slow of;
  Rooms::subscribe(of.receiver, "t", QoS::at_least_once);
  of.to.heard();
  Rooms& rooms = of.rooms;
  const auto deliver = [&](const char* payload) {
    broker::MessageView view{.topic = *mqtt::TopicName::parse("t"),
                             .payload = mqtt::as_bytes(payload),
                             .qos = QoS::at_least_once,
                             .properties = {},
                             .publisher = {}};
    broker::Publication publication(view);
    rooms.dispatcher.publish(publication);
  };
  of.thinker.thinks = true;
  deliver("1");
  deliver("2");
  deliver("3");
  REQUIRE(of.thinker.questions.size() == 3);
  const auto second = std::move(of.thinker.questions[1]);
  of.thinker.questions.erase(of.thinker.questions.begin() + 1);
  second.answer(true);
  CHECK(of.to.heard().empty());
  of.thinker.answer(Access::receive, "receiver", "t", false);
  CHECK(of.to.heard() == Lines{"PUBLISH t 2 id 1 qos 1"});
  CHECK(of.dropped(broker::DropReason::not_authorized) == 1);
  of.thinker.answer(Access::receive, "receiver", "t", true);
  CHECK(of.to.heard() == Lines{"PUBLISH t 3 id 2 qos 1"});
}

TEST_CASE("what was queued is asked about again when its client comes, and waits") {
  Slow of;
  Rooms::subscribe(of.receiver, "t", QoS::at_least_once);
  Slow::lose(of.receiver);
  for (const char* payload : {"1", "2", "3"}) of.publish(1, payload);
  of.thinker.thinks = true;
  ScriptedClient again;
  of.come_back(of.receiver, again, "another");
  CHECK(again.heard().empty());
  REQUIRE(of.thinker.questions.size() == 3);
  of.thinker.answer(Access::receive, "receiver", "t", true);
  CHECK(again.heard() == Lines{"PUBLISH t 1 id 1 qos 1"});
  of.thinker.answer(Access::receive, "receiver", "t", false);
  of.thinker.answer(Access::receive, "receiver", "t", true);
  CHECK(again.heard() == Lines{"PUBLISH t 3 id 2 qos 1"});
  CHECK(of.dropped(broker::DropReason::not_authorized) == 1);
}

TEST_CASE("a long queue is asked about piece by piece") {
  Slow of;
  Rooms::subscribe(of.receiver, "t", QoS::at_least_once);
  Slow::lose(of.receiver);
  for (int i = 0; i < 500; ++i) of.publish(1, "x");
  of.thinker.thinks = true;
  ScriptedClient again;
  of.come_back(of.receiver, again);
  CHECK(of.thinker.questions.size() <= 32);
  for (int answered = 0; !of.thinker.questions.empty(); ++answered) {
    CHECK(of.thinker.questions.size() <= 64);
    of.thinker.answer(Access::receive, "receiver", "t", answered % 2 == 0);
  }
  CHECK(again.heard().size() == 250);
  CHECK(of.dropped(broker::DropReason::not_authorized) == 250);
}

TEST_CASE("what is sent again is asked about first, one after the other") {
  Slow of;
  Rooms::subscribe(of.receiver, "t", QoS::at_least_once);
  of.to.heard();
  of.publish(1, "1");
  of.publish(1, "2");
  CHECK(of.to.heard() == Lines{"PUBLISH t 1 id 1 qos 1", "PUBLISH t 2 id 2 qos 1"});
  Slow::lose(of.receiver);
  of.publish(1, "3");
  of.thinker.thinks = true;
  ScriptedClient again;
  of.come_back(of.receiver, again);
  CHECK(again.heard().empty());
  of.thinker.answer(Access::receive, "receiver", "t", true);
  CHECK(again.heard() == Lines{"PUBLISH t 1 id 1 qos 1 dup"});
  of.thinker.answer(Access::receive, "receiver", "t", false);
  CHECK(again.heard().empty());
  CHECK(of.dropped(broker::DropReason::not_authorized) == 1);
  of.thinker.answer(Access::receive, "receiver", "t", true);
  CHECK(again.heard() == Lines{"PUBLISH t 3 id 3 qos 1"});
  SECTION("and its flow is over") {
    CHECK(of.receiver.outgoing().on_puback(1, ReasonCode::success));
    CHECK(of.rooms.metrics.total(broker::Count::in_flight_messages) == 1);
  }
}

TEST_CASE("a verdict on what is sent again counts for the connection that asked") {
  Slow of;
  Rooms::subscribe(of.receiver, "t", QoS::at_least_once);
  of.publish(1, "1");
  Slow::lose(of.receiver);
  of.thinker.thinks = true;
  ScriptedClient again;
  of.come_back(of.receiver, again, "allowed");
  REQUIRE(of.thinker.questions.size() == 1);
  Slow::lose(of.receiver);
  ScriptedClient third;
  of.come_back(of.receiver, third, "denied");
  REQUIRE(of.thinker.questions.size() == 2);
  of.thinker.answer(Access::receive, "receiver", "t", true);
  CHECK(third.heard().empty());
  of.thinker.answer(Access::receive, "receiver", "t", false);
  CHECK(third.heard().empty());
  CHECK(of.dropped(broker::DropReason::not_authorized) == 1);
}

TEST_CASE("a Will waits for its verdict, also when its session is over") {
  Slow of;
  Rooms::subscribe(of.receiver, "will", QoS::at_most_once);
  of.to.heard();
  ScriptedClient client;
  broker::Session& mortal = of.rooms.open("mortal", client);
  broker::Session::Terms terms;
  terms.sink = &client;
  terms.will = std::make_unique<broker::Will>();
  terms.will->message = broker::Message::create({.topic = *mqtt::TopicName::parse("will"),
                                                 .payload = mqtt::as_bytes("gone"),
                                                 .properties = {},
                                                 .publisher = {}});
  of.rooms.here.counters.add_connected(-1);
  mortal.attach(std::move(terms));
  mortal.resume();
  of.thinker.thinks = true;
  Slow::lose(mortal);
  of.thinker.thinks = false;
  const bool allowed = GENERATE(true, false);
  of.thinker.answer(Access::publish, "mortal", "will", allowed);
  CHECK(of.to.heard() == (allowed ? Lines{"PUBLISH will gone"} : Lines{}));
}

TEST_CASE("a retained message waits for its verdict, and those behind it") {
  Slow of;
  of.rooms.retain("r/1");
  of.rooms.retain("r/2");
  of.thinker.thinks = true;
  std::vector<std::uint8_t> filters{0, 3, 'r', '/', '+', 1};
  REQUIRE(of.receiver.subscriptions().on_subscribe({1, {}, filters}) == InputOutcome::wait);
  of.thinker.answer(Access::subscribe, "receiver", "r/+", true);
  CHECK(of.to.heard() == Lines{"SUBACK 1", "go on"});
  of.thinker.answer(Access::receive, "receiver", "r/1", false);
  CHECK(of.to.heard().empty());
  of.thinker.answer(Access::receive, "receiver", "r/2", true);
  CHECK(of.to.heard() == Lines{"PUBLISH r/2 x id 1 qos 1 retained"});
}
