/// check_retain_source: a retained message is replayed only as long as who published it may publish
/// it.

#include <catch2/catch.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "message/message.h"
#include "runtime/worker.h"
#include "session/message_origin.h"
#include "support/broker_fixture.h"
#include "support/scratch_folder.h"

using namespace test;

namespace {

constexpr const char* everyone_reads = "topic read #\ntopic read $SYS/#\npattern read #\n";
constexpr const char* on = "check_retain_source true\n";

/// An ACL file that changes, and the settings that name it.
struct Rules {
  ScratchFolder folder;
  std::string settings(const std::string& rules, const char* more) const {
    return "acl_file " + folder.file("acl", rules) + "\n" + more;
  }
};

void retain(BrokerFixture& broker, const char* user, const std::string& topic,
            const std::string& payload) {
  Peer peer = broker.peer();
  ConnectBuilder greeting = connect("publisher").v5();
  peer.open(user == nullptr ? greeting : greeting.user(user));
  peer.send(publish(topic, payload).qos(1).id(1).retain());
  peer.expect(puback(1, 0x10));
}

/// What a new subscription to `a/#` is sent.
void expect_replayed(BrokerFixture& broker, std::initializer_list<PublishBuilder> messages) {
  Peer peer = broker.peer();
  peer.open(connect("subscriber"));
  peer.send(subscribe(1, "a/#", 0));
  peer.expect(suback(1, {0}));
  for (const PublishBuilder& message : messages) peer.expect(message);
  peer.expect_nothing();
}

}  // namespace

TEST_CASE("a retained message of someone who may not publish it any more is not replayed") {
  const unsigned workers = GENERATE(1U, 4U);
  const Rules rules;
  const std::string both =
      std::string(everyone_reads) + "user bob\ntopic write a/#\nuser alice\ntopic write a/#\n";
  const std::string only_alice = std::string(everyone_reads) + "user alice\ntopic write a/#\n";
  SECTION("where that is asked for") {
    const auto* before = GENERATE("", "per_listener_settings true\n");
    BrokerFixture broker(workers, rules.settings(both, on), {}, before);
    retain(broker, "bob", "a/b", "of bob");
    retain(broker, "alice", "a/c", "of alice");
    expect_replayed(broker,
                    {publish("a/b", "of bob").retain(), publish("a/c", "of alice").retain()});
    broker.reconfigure(rules.settings(only_alice, on));
    expect_replayed(broker, {publish("a/c", "of alice").retain()});
    CHECK(broker->metrics().total(broker::DropReason::source_not_authorized) == 1);
    CHECK(broker->metrics().unaccounted() == 0);
    broker.reconfigure(rules.settings(both, on));  // it was kept
    expect_replayed(broker,
                    {publish("a/b", "of bob").retain(), publish("a/c", "of alice").retain()});
    broker.reconfigure(rules.settings(only_alice, ""));
    expect_replayed(broker,
                    {publish("a/b", "of bob").retain(), publish("a/c", "of alice").retain()});
  }
  SECTION("and not by default") {
    BrokerFixture broker(workers, rules.settings(both, ""));
    retain(broker, "bob", "a/b", "of bob");
    broker.reconfigure(rules.settings(only_alice, ""));
    expect_replayed(broker, {publish("a/b", "of bob").retain()});
    SECTION("what was stored before it was asked for is not asked about") {
      broker.reconfigure(rules.settings(only_alice, on));
      expect_replayed(broker, {publish("a/b", "of bob").retain()});
    }
  }
}

TEST_CASE("the same holds for Wills, and for clients without a user name by their identifier") {
  const Rules rules;
  const std::string by_id = std::string(everyone_reads) + "pattern write a/%c\n";
  BrokerFixture broker(1, rules.settings(by_id, on));
  {
    Peer peer = broker.peer();
    peer.open(connect("w").will("a/w", "will", 1, /*retain=*/true));
  }
  retain(broker, nullptr, "a/publisher", "message");
  Peer probe = broker.peer();  // until the Will is there
  probe.open(connect("probe"));
  probe.send(subscribe(1, "a/w", 0));
  probe.expect(suback(1, {0}));
  (void)probe.receive<mqtt::Publish>();
  expect_replayed(broker,
                  {publish("a/publisher", "message").retain(), publish("a/w", "will").retain()});
  broker.reconfigure(rules.settings(std::string(everyone_reads) + "pattern write a/%c/x\n", on));
  expect_replayed(broker, {});
}

TEST_CASE("the broker's own messages are nobody's") {
  const Rules rules;
  BrokerFixture broker(
      1, rules.settings(everyone_reads, "check_retain_source true\nsys_interval 10\n"));
  Peer peer = broker.peer();
  peer.open(connect("reader"));
  peer.send(subscribe(1, "$SYS/broker/version", 0));
  peer.expect(suback(1, {0}));
  CHECK(peer.receive<mqtt::Publish>()->topic == "$SYS/broker/version");
}

TEST_CASE("a message carries its origin only where someone will ask") {
  std::vector<std::uint8_t> bytes;
  broker::MessageOrigin{"client", "user", "1883 localhost"}.write_to(bytes);
  const auto name = mqtt::TopicName::parse("t");
  broker::MessageView view{
      *name, mqtt::as_bytes("payload"), mqtt::QoS::at_least_once, true, {}, broker::never, {}};
  const auto without = broker::Message::create(view);
  CHECK(without->origin().empty());
  view.origin = bytes;
  const auto with = broker::Message::create(view);
  CHECK(with->footprint() == without->footprint() + bytes.size());
  CHECK(mqtt::as_text(with->payload()) == "payload");
  const auto read = broker::MessageOrigin::read(with->view().origin);
  CHECK(read.client_id == "client");
  CHECK(read.user_name == "user");
  CHECK(read.listener == "1883 localhost");
}

namespace {

/// Allows what is asked before `slow` is set; answers later as it is told to.
class LateAuthoriser final : public broker::Authoriser {
 public:
  broker::Verdict authorise(const broker::AccessRequest& request,
                            const AnswerMaker& make_answer) override {
    const std::scoped_lock guard(mutex_);
    if (!slow_ || request.access == broker::Access::subscribe) return broker::Verdict::allow;
    asked_.push_back(
        {request.access, std::string(request.client.id), &request.worker, make_answer()});
    changed_.notify_all();
    return broker::Verdict::later;
  }
  void slow_down() {
    const std::scoped_lock guard(mutex_);
    slow_ = true;
  }
  /// Answers the next question, which has to be this one.
  void answer(broker::Access access, const std::string& client, bool allowed) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, Peer::patience(), [this] { return !asked_.empty(); }));
    const Question question = std::move(asked_.front());
    asked_.pop_front();
    CHECK(question.access == access);
    CHECK(question.client == client);
    question.worker->post(
        broker::make_letter([answer = question.answer, allowed] { answer(allowed); }));
  }

 private:
  struct Question {
    broker::Access access;
    std::string client;
    broker::Worker* worker;
    Answer answer;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  bool slow_ = false;
  std::deque<Question> asked_;
};

}  // namespace

TEST_CASE("an authoriser that thinks is asked about the publisher, then about the receiver") {
  const unsigned workers = GENERATE(1U, 4U);
  auto late = std::make_unique<LateAuthoriser>();
  LateAuthoriser& authoriser = *late;
  broker::Broker::Parts parts;
  parts.authoriser = std::move(late);
  BrokerFixture broker(workers, on, std::move(parts));
  retain(broker, nullptr, "a/b", "x");
  authoriser.slow_down();
  Peer peer = broker.peer();
  peer.open(connect("subscriber"));
  peer.send(subscribe(1, "a/#", 1));
  peer.expect(suback(1, {1}));
  const bool source = GENERATE(true, false);
  const bool receiver = GENERATE(true, false);
  authoriser.answer(broker::Access::publish, "publisher", source);
  if (source) authoriser.answer(broker::Access::receive, "subscriber", receiver);
  if (source && receiver) peer.expect(publish("a/b", "x").qos(1).id(1).retain());
  peer.expect_nothing();
  const auto reason =
      source ? broker::DropReason::not_authorized : broker::DropReason::source_not_authorized;
  if (!source || !receiver) {
    broker->await_turns();
    broker->await_turns();
    CHECK(broker->metrics().total(reason) == 1);
  }
  CHECK(broker->metrics().unaccounted() == 0);
}
