#include "session/retained_replays.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mqtt/protocol/bytes.h"

using namespace broker;
using Outcome = RetainedReplays::Outcome;

namespace {

using Topics = std::vector<std::string>;

MessagePtr message(std::string_view topic, std::string_view payload = "x") {
  return Message::create({.topic = *mqtt::TopicName::parse(topic),
                          .payload = mqtt::as_bytes(payload),
                          .retain = true,
                          .properties = {},
                          .publisher = {}});
}

void keep(RetainedTree& tree, const Topics& topics) {
  for (const std::string& topic : topics) tree.store(message(topic));
}

RetainedReplays::Replay of(std::string filter, std::uint64_t newest = UINT64_MAX) {
  RetainedReplays::Replay replay;
  replay.filter = std::move(filter);
  replay.newest = newest;
  return replay;
}

/// Up to `count` of the messages that are there to be sent.
Topics take(RetainedReplays& replays, const RetainedTree& tree, std::size_t count = SIZE_MAX) {
  Topics topics;
  while (topics.size() < count && replays.front() != nullptr) {
    Steps steps = 1000;
    const auto next = replays.next(tree, 64, 0, steps);
    REQUIRE(next.outcome != Outcome::stopped);
    if (next.message) topics.emplace_back(next.message->topic().text());
  }
  replays.give_back();
  return topics;
}

}  // namespace

TEST_CASE("replays are shown one after the other, in the order in which they were asked for") {
  RetainedTree tree;
  keep(tree, {"a/1", "a/2", "b/1"});
  RetainedReplays replays;
  replays.begin(of("b/+"));
  replays.begin(of("a/+"));
  replays.begin(of("nothing/+"));
  CHECK(take(replays, tree) == Topics{"b/1", "a/1", "a/2"});
  CHECK(replays.empty());
}

TEST_CASE("a replay goes on where it stopped") {
  RetainedTree tree;
  keep(tree, {"a/1", "a/2", "a/3"});
  RetainedReplays replays;
  replays.begin(of("a/+"));
  CHECK(take(replays, tree, 1) == Topics{"a/1"});
  SECTION("without what has gone meanwhile") {
    tree.store(message("a/2", ""));
    CHECK(take(replays, tree) == Topics{"a/3"});
  }
  SECTION("without what is newer than the subscription") {
    RetainedReplays old;
    old.begin(of("a/+", tree.newest()));
    tree.store(message("a/2", "new"));
    CHECK(take(old, tree) == Topics{"a/1", "a/3"});
  }
}

// [MQTT-3.8.4-4]
TEST_CASE("a second replay of a filter replaces the one that waits") {
  RetainedTree tree;
  keep(tree, {"a/1", "a/2", "b/1"});
  RetainedReplays replays;
  replays.begin(of("a/+"));
  replays.begin(of("b/+"));
  SECTION("that has not begun") {
    replays.begin(of("a/+"));
    CHECK(replays.size() == 2);
    CHECK(take(replays, tree) == Topics{"b/1", "a/1", "a/2"});
  }
  SECTION("that has begun: all is shown again, behind the others") {
    CHECK(take(replays, tree, 1) == Topics{"a/1"});
    replays.begin(of("a/+"));
    CHECK(replays.size() == 2);
    CHECK(take(replays, tree) == Topics{"b/1", "a/1", "a/2"});
  }
  SECTION("however often") {
    for (int i = 0; i < 100'000; ++i) replays.begin(of(i % 2 == 0 ? "a/+" : "b/+"));
    CHECK(replays.size() == 2);
  }
}

TEST_CASE("a replay that is cancelled is not shown") {
  RetainedTree tree;
  keep(tree, {"a/1", "a/2", "b/1"});
  RetainedReplays replays;
  replays.begin(of("a/+"));
  replays.begin(of("b/+"));
  SECTION("before it has begun") {
    CHECK(replays.cancel("b/+"));
    CHECK(take(replays, tree) == Topics{"a/1", "a/2"});
  }
  SECTION("after it has begun") {
    CHECK(take(replays, tree, 1) == Topics{"a/1"});
    CHECK(replays.cancel("a/+"));
    CHECK(take(replays, tree) == Topics{"b/1"});
  }
  CHECK_FALSE(replays.cancel("c/+"));
  CHECK(replays.empty());
}

TEST_CASE("replays that are held wait, and older ones do not") {
  RetainedTree tree;
  keep(tree, {"a/1", "b/1"});
  RetainedReplays replays;
  replays.begin(of("a/+"));
  replays.hold();
  replays.begin(of("b/+"));
  CHECK(take(replays, tree) == Topics{"a/1"});
  CHECK(replays.front() == nullptr);
  CHECK_FALSE(replays.empty());
  replays.release();
  CHECK(take(replays, tree) == Topics{"b/1"});
}

TEST_CASE("a search that finds nothing stops when its steps are used up, and comes to its end") {
  RetainedTree tree;
  for (int i = 0; i < 5000; ++i) tree.store(message("t/" + std::to_string(i) + "/a"));
  RetainedReplays replays;
  replays.begin(of("+/+/b"));
  int calls = 0;
  for (; !replays.empty(); ++calls) {
    Steps steps = 200;
    const auto next = replays.next(tree, 64, 0, steps);
    CHECK_FALSE(next.message);
    if (next.outcome == Outcome::stopped) CHECK(steps == 0);
    replays.give_back();
    REQUIRE(calls < 5000);
  }
  CHECK(calls > 10);
}
