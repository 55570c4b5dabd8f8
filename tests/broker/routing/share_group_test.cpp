#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "broker/routing/naive_topics.h"
#include "routing/subscription_tree.h"

using namespace broker;
using naive::filter_of;
using naive::topic_of;

namespace {

Receiver receiver(std::uint32_t slot, std::uint16_t worker = 0) {
  Receiver result;
  result.session = SessionId{slot, 1, worker};
  return result;
}

/// Who gets the next message, as a publisher picks.
std::uint32_t pick(const ShareGroupPtr& group) {
  const std::uint32_t turn = group->key->turn.fetch_add(1);
  return group->members[turn % group->members.size()].session.slot;
}

std::uint32_t pick(const SubscriptionTree& tree, std::string_view topic) {
  return pick(tree.match(topic_of(topic))->groups.at(0));
}

}  // namespace

TEST_CASE("A share group stands beside the plain subscribers, not among them") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("$share/g/a"), receiver(1));
  tree.subscribe(filter_of("a"), receiver(2));
  const MatchPtr match = tree.match(topic_of("a"));
  REQUIRE(match->receivers.size() == 1);
  CHECK(match->receivers[0] == receiver(2));
  REQUIRE(match->groups.size() == 1);
  CHECK(match->groups[0]->members == std::vector<Receiver>{receiver(1)});
  CHECK(tree.subscription_count() == 1);
  CHECK(tree.shared_subscription_count() == 1);
}

TEST_CASE("Every share name and every filter has a group of its own") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("$share/g/a"), receiver(1));
  tree.subscribe(filter_of("$share/h/a"), receiver(1));
  tree.subscribe(filter_of("$share/g/+"), receiver(1));
  CHECK(tree.match(topic_of("a"))->groups.size() == 3);
  CHECK(tree.match(topic_of("b"))->groups.size() == 1);
}

// [MQTT-4.7.2-1]
TEST_CASE("A group whose filter begins with a wildcard gets nothing of dollar topics") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("$share/g/#"), receiver(1));
  CHECK(tree.match(topic_of("$SYS/x"))->empty());
  CHECK_FALSE(tree.match(topic_of("x"))->empty());
}

TEST_CASE("Members take turns in the order in which they joined") {
  SubscriptionTree tree;
  for (std::uint32_t i = 1; i <= 3; ++i) tree.subscribe(filter_of("$share/g/a"), receiver(i));
  std::vector<std::uint32_t> picks;
  for (int i = 0; i < 7; ++i) picks.push_back(pick(tree, "a"));
  CHECK(picks == std::vector<std::uint32_t>{1, 2, 3, 1, 2, 3, 1});
}

TEST_CASE("The turn goes on where it was when members come and go") {
  SubscriptionTree tree;
  for (std::uint32_t i = 1; i <= 3; ++i) tree.subscribe(filter_of("$share/g/a"), receiver(i));
  pick(tree, "a");  // 1: it is 2's turn

  SECTION("one joins") {
    tree.subscribe(filter_of("$share/g/a"), receiver(4));
    CHECK(pick(tree, "a") == 2);
    CHECK(pick(tree, "a") == 3);
    CHECK(pick(tree, "a") == 4);
    CHECK(pick(tree, "a") == 1);
  }
  SECTION("one joins when the turn is about to begin anew") {
    pick(tree, "a");
    pick(tree, "a");
    tree.subscribe(filter_of("$share/g/a"), receiver(4));
    CHECK(pick(tree, "a") == 1);
  }
  SECTION("one before leaves") {
    tree.unsubscribe(filter_of("$share/g/a"), receiver(1).session);
    CHECK(pick(tree, "a") == 2);
    CHECK(pick(tree, "a") == 3);
    CHECK(pick(tree, "a") == 2);
  }
  SECTION("the one whose turn it is leaves") {
    tree.unsubscribe(filter_of("$share/g/a"), receiver(2).session);
    CHECK(pick(tree, "a") == 3);
    CHECK(pick(tree, "a") == 1);
  }
  SECTION("the one whose turn it is leaves, and the next one too") {
    tree.unsubscribe(filter_of("$share/g/a"), receiver(2).session);
    tree.unsubscribe(filter_of("$share/g/a"), receiver(3).session);
    CHECK(pick(tree, "a") == 1);
  }
  SECTION("one subscribes again with other options: it keeps its place") {
    Receiver changed = receiver(2);
    changed.qos = mqtt::QoS::exactly_once;
    CHECK_FALSE(tree.subscribe(filter_of("$share/g/a"), changed));
    CHECK(tree.match(topic_of("a"))->groups.at(0)->members[1] == changed);
    CHECK(pick(tree, "a") == 2);
  }
  SECTION("one subscribes again with the same options: nothing happens") {
    const ShareGroupPtr before = tree.match(topic_of("a"))->groups.at(0);
    CHECK_FALSE(tree.subscribe(filter_of("$share/g/a"), receiver(3)));
    CHECK(pick(before) == 2);
    CHECK(pick(tree, "a") == 3);
  }
  SECTION("the turn is one for all topics of the filter and all who hold the group") {
    tree.subscribe(filter_of("$share/w/+"), receiver(8));
    tree.subscribe(filter_of("$share/w/+"), receiver(9));
    CHECK(pick(tree, "x") == 8);
    CHECK(pick(tree, "y") == 9);
    CHECK(pick(tree, "z") == 8);
  }
}

TEST_CASE("A member list that was given out does not change any more") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("$share/g/a"), receiver(1));
  tree.subscribe(filter_of("$share/g/a"), receiver(2));
  const ShareGroupPtr before = tree.match(topic_of("a"))->groups.at(0);
  tree.unsubscribe(filter_of("$share/g/a"), receiver(1).session);
  CHECK(before->members == std::vector<Receiver>{receiver(1), receiver(2)});
  CHECK(tree.match(topic_of("a"))->groups.at(0)->members == std::vector<Receiver>{receiver(2)});
}

TEST_CASE("A group ends with its last member") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("$share/g/a/b"), receiver(1));
  CHECK_FALSE(tree.unsubscribe(filter_of("$share/g/a/b"), receiver(2).session));
  CHECK_FALSE(tree.unsubscribe(filter_of("$share/h/a/b"), receiver(1).session));
  CHECK_FALSE(tree.unsubscribe(filter_of("a/b"), receiver(1).session));
  CHECK(tree.unsubscribe(filter_of("$share/g/a/b"), receiver(1).session));
  CHECK(tree.match(topic_of("a/b"))->empty());
  CHECK(tree.shared_subscription_count() == 0);
  CHECK(tree.node_count() == 0);
}

TEST_CASE("A group of many members, and many groups on one filter, come and go") {
  constexpr std::uint32_t many = 20'000;
  SubscriptionTree tree;
  for (std::uint32_t i = 0; i < many; ++i) {
    tree.subscribe(filter_of("$share/g/a"), receiver(i));
    tree.subscribe(filter_of("$share/" + std::to_string(i) + "/a"), receiver(i));
  }
  CHECK(tree.match(topic_of("a"))->groups.size() == many + 1);
  for (std::uint32_t i = 0; i < many; ++i) {
    tree.unsubscribe(filter_of("$share/g/a"), receiver(i).session);
    tree.unsubscribe(filter_of("$share/" + std::to_string(i) + "/a"), receiver(i).session);
  }
  CHECK(tree.node_count() == 0);
}

TEST_CASE("Publishers on several threads may be the first to ask for a group") {
  SubscriptionTree tree;
  constexpr std::uint32_t members = 10;
  for (std::uint32_t i = 0; i < members; ++i) {
    tree.subscribe(filter_of("$share/g/a"), receiver(i));
  }
  std::array<std::atomic<int>, members> picked{};
  std::vector<std::thread> publishers;
  for (int thread = 0; thread < 4; ++thread) {
    publishers.emplace_back([&] {
      for (std::uint32_t i = 0; i < 100 * members; ++i) ++picked[pick(tree, "a")];
    });
  }
  for (std::thread& publisher : publishers) publisher.join();
  for (const std::atomic<int>& each : picked) CHECK(each == 400);
}
