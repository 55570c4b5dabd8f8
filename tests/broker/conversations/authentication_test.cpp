/// Authentication and authorisation as the rooms beyond them see it: enhanced authentication with a
/// method of the test's own, and answers that come at once or later.

#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/worker.h"
#include "support/broker_fixture.h"

using namespace test;
using mqtt::PropertyId;
using mqtt::ReasonCode;

namespace {

/// "Knock": the client says "knock", is asked "who?", and is let in as whoever it says it is,
/// unless it is a wolf.
class Knock final : public broker::AuthenticationMethod {
  class Exchange final : public broker::AuthenticationExchange {
    void step(std::string_view data, Answer answer) override {
      Step step;
      if (data == "knock") {
        step = {ReasonCode::continue_authentication, "who?", {}};
      } else if (data != "wolf") {
        step = {ReasonCode::success, "welcome", std::string(data)};
      }
      answer(step);
    }
  };
  std::unique_ptr<broker::AuthenticationExchange> begin(const broker::Credentials&) override {
    return std::make_unique<Exchange>();
  }
};

broker::Broker::Parts with_knock() {
  broker::Broker::Parts parts;
  parts.methods.add("knock", std::make_unique<Knock>());
  return parts;
}

ConnectBuilder knocking(const char* data = "knock") {
  return connect("a")
      .v5()
      .with(PropertyId::authentication_method, "knock")
      .with(PropertyId::authentication_data, data);
}

ReasonBuilder<mqtt::Auth> knock_auth(int reason, const char* data) {
  return auth(reason)
      .with(PropertyId::authentication_method, "knock")
      .with(PropertyId::authentication_data, data);
}

/// Keeps every question until the test answers it, on the worker that asked. Questions about topics
/// that begin with "open", and about receiving, are answered at once; "never" too.
class SlowAuthoriser final : public broker::Authoriser {
 public:
  broker::Verdict authorise(const broker::AccessRequest& request,
                            const AnswerMaker& make_answer) override {
    if (request.topic.starts_with("open") || request.access == broker::Access::receive)
      return broker::Verdict::allow;
    if (request.topic.starts_with("never")) return broker::Verdict::deny;
    const std::scoped_lock guard(mutex_);
    questions_.push_back({std::string(request.topic), &request.worker, make_answer()});
    asked_.notify_all();
    return broker::Verdict::later;
  }
  /// Waits for the question.
  void await(const std::string& topic) {
    std::unique_lock lock(mutex_);
    find(topic, lock);
  }
  /// The same, and answers it.
  void answer(const std::string& topic, bool allowed) {
    std::unique_lock lock(mutex_);
    const auto question = find(topic, lock);
    question->worker->post(
        broker::make_letter([answer = question->answer, allowed] { answer(allowed); }));
    questions_.erase(question);
  }

 private:
  struct Question {
    std::string topic;
    broker::Worker* worker;
    Answer answer;
  };
  std::vector<Question>::iterator find(const std::string& topic,
                                       std::unique_lock<std::mutex>& lock) {
    std::vector<Question>::iterator question;
    const bool asked = asked_.wait_for(lock, Peer::patience(), [&] {
      question = std::find_if(questions_.begin(), questions_.end(),
                              [&](const Question& q) { return q.topic == topic; });
      return question != questions_.end();
    });
    REQUIRE(asked);
    return question;
  }
  std::mutex mutex_;
  std::condition_variable asked_;
  std::vector<Question> questions_;
};

}  // namespace

TEST_CASE("enhanced authentication goes on until the method is content") {  // [MQTT-4.12.0-2]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, {}, with_knock());
  Peer peer = broker.peer();
  peer.send(knocking());
  peer.expect(knock_auth(0x18, "who?"));
  SECTION("it is") {
    peer.send(knock_auth(0x18, "sheep"));
    const auto answer = peer.receive<mqtt::Connack>();
    CHECK(answer->reason == ReasonCode::success);
    CHECK(answer->properties.text(PropertyId::authentication_method) ==
          "knock");  // [MQTT-4.12.0-5]
    CHECK(answer->properties.text(PropertyId::authentication_data) == "welcome");
    SECTION("and again, on the client's wish") {
      peer.send(knock_auth(0x19, "knock"));
      peer.expect(knock_auth(0x18, "who?"));
      peer.send(publish("t", "meanwhile").qos(1).id(1));
      peer.expect(puback(1, 0x10));
      peer.send(knock_auth(0x18, "sheep"));
      peer.expect(knock_auth(0x00, "welcome"));
      peer.expect_nothing();
    }
    SECTION("but then it is not") {  // [MQTT-4.12.1-2]
      peer.send(knock_auth(0x19, "wolf"));
      peer.expect(disconnect(0x87));
      peer.expect_closed();
    }
    SECTION("a method cannot change on the way") {  // [MQTT-4.12.1-1]
      peer.send(auth(0x19).with(PropertyId::authentication_method, "bell"));
      peer.expect(disconnect(0x82));
      peer.expect_closed();
    }
  }
  SECTION("it is not") {  // [MQTT-3.1.4-2] [MQTT-4.12.0-4]
    peer.send(knock_auth(0x18, "wolf"));
    peer.expect("20 03 00 87 00");
    peer.expect_closed();
  }
  SECTION(
      "nothing but AUTH and DISCONNECT may come meanwhile: refused by CONNACK, not DISCONNECT") {
    // [MQTT-3.1.2-30] [MQTT-3.14.0-1]
    peer.send(pingreq());
    peer.expect("20 03 00 82 00");
    peer.expect_closed();
  }
}

TEST_CASE("a client that is not let in ends nobody's session") {  // [MQTT-3.1.4-4]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, {}, with_knock());
  const auto owner =
      connect("a").v5().clean(false).with(PropertyId::session_expiry_interval, 1000U);
  Peer first = broker.peer();
  first.open(owner);
  Peer wolf = broker.peer();
  wolf.send(knocking("wolf"));  // with Clean Start
  wolf.expect("20 03 00 87 00");
  wolf.expect_closed();
  first.expect_nothing();
  Peer again = broker.peer();
  CHECK(again.open(owner)->session_present);
}

TEST_CASE("an authoriser that thinks holds up its client, not its order, and nobody else") {
  const unsigned workers = GENERATE(1U, 4U);
  auto slow = std::make_unique<SlowAuthoriser>();
  SlowAuthoriser& authoriser = *slow;
  broker::Broker::Parts parts;
  parts.authoriser = std::move(slow);
  BrokerFixture broker(workers, {}, std::move(parts));
  Peer witness = broker.peer();
  witness.open(connect("w"));
  witness.send(subscribe(1, "open/#", 1));
  witness.expect(suback(1, {1}));
  Peer peer = broker.peer();
  peer.open(connect("a").v5());

  SECTION("messages") {
    peer.send(publish("open/1", "1").qos(1).id(1));
    peer.send(publish("asked", "2").qos(1).id(2));
    peer.send(publish("open/2", "3").qos(1).id(3));
    peer.send(publish("never", "4").qos(1).id(4));
    peer.expect(puback(1));
    witness.expect(publish("open/1", "1").qos(1).id(1));
    witness.expect_nothing();  // the third waits behind the second
    const bool allowed = GENERATE(true, false);
    authoriser.answer("asked", allowed);
    peer.expect(puback(2, allowed ? 0x10 : 0x87));
    peer.expect(puback(3));
    peer.expect(puback(4, 0x87));
    witness.expect(publish("open/2", "3").qos(1).id(2));
  }
  SECTION("the release of a message") {
    peer.send(publish("asked", "2").qos(2).id(2));
    authoriser.answer("asked", true);
    peer.expect(pubrec(2));
    witness.send(subscribe(2, "asked", 1));
    authoriser.answer("asked", true);
    witness.expect(suback(2, {1}));
    peer.send(pubrel(2));
    peer.send(publish("open/3", "3").qos(1).id(3));
    witness.expect_nothing();  // the third waits behind the second
    SECTION("allowed") {
      authoriser.answer("asked", true);
      witness.expect(publish("asked", "2").qos(1).id(1));
      witness.expect(publish("open/3", "3").qos(1).id(2));
    }
    SECTION("not allowed") {
      authoriser.answer("asked", false);
      witness.expect(publish("open/3", "3").qos(1).id(1));
    }
    peer.expect(pubcomp(2));
    peer.expect(puback(3));
  }
  SECTION("the release of a message by a client that has gone") {
    Peer gone = broker.peer();
    gone.open(connect("gone").v5().with(PropertyId::session_expiry_interval, 100U));
    gone.send(publish("asked", "2").qos(2).id(2));
    authoriser.answer("asked", true);
    gone.expect(pubrec(2));
    witness.send(subscribe(2, "asked", 1));
    authoriser.answer("asked", true);
    witness.expect(suback(2, {1}));
    gone.send(pubrel(2));
    authoriser.await("asked");
    gone.close();
    Peer back = broker.peer();
    back.open(connect("gone").v5().clean(false));
    authoriser.answer("asked", true);
    witness.expect(publish("asked", "2").qos(1).id(1));
    back.send(pubrel(2));
    back.expect(pubcomp(2));
    witness.expect_nothing();
  }
  SECTION("subscriptions") {
    peer.send(subscribe(7).filter("open/#").filter("asked/#").filter("never/#"));
    peer.send(pingreq());
    const bool allowed = GENERATE(true, false);
    authoriser.answer("asked/#", allowed);
    peer.expect(suback(7, {0, allowed ? 0 : 0x87, 0x87}));
    peer.expect(pingresp());
  }
}
