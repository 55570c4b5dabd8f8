/// log_dest topic: lines of the log as messages under $SYS/broker/log.

#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "support/broker_fixture.h"
#include "support/scratch_folder.h"

using namespace test;
using mqtt::PropertyId;

namespace {

constexpr const char* to_topics = "log_dest topic\nlog_type all\nlog_timestamp false\n";

Peer reader(BrokerFixture& broker, const std::string& filter, int qos, const char* user = nullptr) {
  Peer peer = broker.peer();
  ConnectBuilder greeting = connect("reader").v5();
  peer.open(user == nullptr ? greeting : greeting.user(user));
  peer.send(subscribe(1, "$SYS/broker/log/" + filter, qos));
  peer.expect(suback(1, {qos}));
  return peer;
}

/// The next line of `type`, whatever comes before it.
std::string next_line(Peer& peer, const std::string& type) {
  for (;;) {
    const auto message = peer.receive<mqtt::Publish>();
    if (message->topic == "$SYS/broker/log/" + type)
      return std::string(mqtt::as_text(message->payload));
  }
}

}  // namespace

TEST_CASE("a line is a message of QoS 2 that is not retained and lives for 20 seconds") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, to_topics);
  Peer live = reader(broker, "M/#", 2);
  live.expect(publish("$SYS/broker/log/M/subscribe", "reader 2 $SYS/broker/log/M/#")
                  .qos(2)
                  .id(1)
                  .with(PropertyId::message_expiry_interval, 20U));
  Peer other = broker.peer();
  other.open(connect("other"));
  other.send(subscribe(1, "a/b", 1));
  other.expect(suback(1, {1}));
  live.expect(publish("$SYS/broker/log/M/subscribe", "other 1 a/b")
                  .qos(2)
                  .id(2)
                  .with(PropertyId::message_expiry_interval, 20U));
  other.send(unsubscribe(2, "a/b"));
  other.expect(unsuback(2, {}));
  live.expect(publish("$SYS/broker/log/M/unsubscribe", "other a/b")
                  .qos(2)
                  .id(3)
                  .with(PropertyId::message_expiry_interval, 20U));
  Peer late = broker.peer();
  late.open(connect("late"));
  late.send(subscribe(1, "$SYS/broker/log/M/unsubscribe", 2));
  late.expect(suback(1, {2}));
  late.expect_nothing();
}

TEST_CASE("notices have a topic of their own") {
  BrokerFixture broker(1, to_topics);
  Peer live = reader(broker, "N", 0);
  Peer other = broker.peer();
  other.open(connect("other"));
  // The reader's own lines may come first: they are published a turn after they are logged.
  std::string line = next_line(live, "N");
  while (line.find(" as other ") == std::string::npos) line = next_line(live, "N");
  CHECK(line.starts_with("New client connected from 127.0.0.1:"));
  other.close();
  CHECK(next_line(live, "N").starts_with("Client other "));
}

TEST_CASE("lines of one thread come in their order") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, to_topics);
  Peer live = reader(broker, "M/subscribe", 0);
  next_line(live, "M/subscribe");
  Peer other = broker.peer();
  other.open(connect("other"));
  constexpr int count = 500;
  for (int i = 1; i <= count; ++i)
    other.send(subscribe(static_cast<std::uint16_t>(i), std::to_string(i)));
  for (int i = 1; i <= count; ++i)
    REQUIRE(next_line(live, "M/subscribe") == "other 0 " + std::to_string(i));
}

TEST_CASE("what a line's delivery makes the broker say goes to no topic") {
  const unsigned workers = GENERATE(1U, 4U);
  SECTION("a queue that is full") {
    BrokerFixture broker(workers, std::string(to_topics) + "max_queued_messages 1\n");
    {
      Peer away = broker.peer();
      away.open(connect("away").clean(false));
      away.send(subscribe(1, "$SYS/broker/log/M/subscribe", 1));
      away.expect(suback(1, {1}));
    }
    Peer live = reader(broker, "#", 0);
    Peer other = broker.peer();
    other.open(connect("other"));
    for (std::uint16_t i = 1; i <= 3; ++i) {
      other.send(subscribe(i, "x", 0));
      other.expect(suback(i, {0}));
    }
    other.send(unsubscribe(9, "x"));
    std::string all;
    for (std::string line; !line.ends_with("other x");) {
      const auto message = live.receive<mqtt::Publish>();
      line = mqtt::as_text(message->payload);
      all += line + "\n";
    }
    live.expect_nothing();
    CHECK(all.find("is full") == std::string::npos);
    CHECK(broker->metrics().total(broker::DropReason::queue_full) > 0);
  }
  SECTION("a receiver who may not") {
    const ScratchFolder folder;
    const std::string rules =
        folder.file("acl", "topic read open\nuser good\ntopic readwrite #\ntopic read $SYS/#\n");
    BrokerFixture broker(workers, std::string(to_topics) + "acl_file " + rules + "\n");
    Peer denied = broker.peer();
    denied.open(connect("denied"));
    denied.send(subscribe(1, "$SYS/broker/log/#", 0));
    denied.expect(suback(1, {0}));
    Peer live = reader(broker, "#", 0, "good");
    Peer other = broker.peer();
    other.open(connect("other"));
    other.send(publish("closed", "x").qos(1).id(1));
    other.expect(puback(1));
    other.send(unsubscribe(2, "x"));
    std::string all;
    for (std::string line; line.find("may not publish to closed") == std::string::npos;) {
      const auto message = live.receive<mqtt::Publish>();
      line = mqtt::as_text(message->payload);
      all += line + "\n";
    }
    live.expect_nothing();
    denied.expect_nothing();
    CHECK(all.find("receive from") == std::string::npos);
    CHECK(broker->metrics().total(broker::DropReason::not_authorized) > 0);
  }
}

namespace {

/// Holds its worker up at the topic "stop", until the test lets it go on.
class Stopper final : public broker::Authoriser {
 public:
  broker::Verdict authorise(const broker::AccessRequest& request, const AnswerMaker&) override {
    if (request.topic == "stop") {
      stopped.set_value();
      go_on.get_future().wait();
    }
    return broker::Verdict::allow;
  }
  std::promise<void> stopped;
  std::promise<void> go_on;
};

}  // namespace

TEST_CASE("lines that nobody publishes for too long are left out, and counted") {
  auto stopper = std::make_unique<Stopper>();
  Stopper& worker = *stopper;
  broker::Broker::Parts parts;
  parts.authoriser = std::move(stopper);
  BrokerFixture broker(1, std::string(to_topics) + "max_queued_messages 0\n", std::move(parts));
  Peer live = reader(broker, "W", 0);
  Peer other = broker.peer();
  other.open(connect("other"));
  broker->await_turns();  // what was logged until now is published
  other.send(publish("stop", ""));
  worker.stopped.get_future().wait();
  constexpr int size = 512;
  constexpr int fit = (1 << 20) / size;
  for (int i = 0; i < fit + 5; ++i) broker.log().warning("{:0512}", i);
  worker.go_on.set_value();
  for (int i = 0; i < fit; ++i) REQUIRE(std::stoi(next_line(live, "W")) == i);
  CHECK(next_line(live, "W") == "5 log lines were not published");
  broker.log().warning("as before");
  CHECK(next_line(live, "W") == "as before");
}
