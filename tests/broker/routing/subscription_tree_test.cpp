#include "routing/subscription_tree.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "broker/routing/naive_topics.h"

using namespace broker;
using naive::filter_of;
using naive::topic_of;

namespace {

Receiver receiver(std::uint32_t slot, std::uint16_t worker = 0,
                  mqtt::QoS qos = mqtt::QoS::at_most_once) {
  Receiver result;
  result.session = SessionId{slot, 1, worker};
  result.qos = qos;
  return result;
}

/// The slots of those who receive messages on `topic`.
std::vector<std::uint32_t> slots(const SubscriptionTree& tree, std::string_view topic) {
  const MatchPtr match = tree.match(topic_of(topic));
  std::vector<std::uint32_t> result;
  for (const Receiver& each : match->receivers) result.push_back(each.session.slot);
  return result;
}

using Slots = std::vector<std::uint32_t>;

bool tree_matches(std::string_view filter, std::string_view topic) {
  SubscriptionTree tree;
  tree.subscribe(filter_of(filter), receiver(7));
  return slots(tree, topic) == Slots{7};
}

std::string repeated(std::string_view level, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) {
    if (i != 0) text += '/';
    text += level;
  }
  return text;
}

}  // namespace

// [MQTT-3.3.2-3] [MQTT-4.7.3-4]
TEST_CASE("A filter without wildcards matches its own topic and no other") {
  CHECK(tree_matches("a/b", "a/b"));
  CHECK_FALSE(tree_matches("a/b", "a"));
  CHECK_FALSE(tree_matches("a/b", "a/b/c"));
  CHECK_FALSE(tree_matches("a/b", "a/B"));
  CHECK_FALSE(tree_matches("a/b", "/a/b"));
}

// [MQTT-3.3.2-3]
TEST_CASE("A number sign stands for any levels, also for none") {
  CHECK(tree_matches("a/#", "a"));
  CHECK(tree_matches("a/#", "a/"));
  CHECK(tree_matches("a/#", "a/b/c"));
  CHECK(tree_matches("#", "a"));
  CHECK(tree_matches("#", "/"));
  CHECK(tree_matches("/#", "/a"));
  CHECK_FALSE(tree_matches("a/#", "ab"));
  CHECK_FALSE(tree_matches("/#", "a"));
}

// [MQTT-3.3.2-3]
TEST_CASE("A plus sign stands for exactly one level, which may be empty") {
  CHECK(tree_matches("+/+", "/finance"));
  CHECK(tree_matches("/+", "/finance"));
  CHECK_FALSE(tree_matches("+", "/finance"));
  CHECK(tree_matches("a/+", "a/"));
  CHECK_FALSE(tree_matches("a/+", "a"));
  CHECK_FALSE(tree_matches("a/+", "a/b/c"));
  CHECK(tree_matches("+/b/#", "a/b"));
  CHECK(tree_matches("+", "a"));
}

// [MQTT-4.7.3-4]
TEST_CASE("Empty levels are levels") {
  CHECK(tree_matches("/", "/"));
  CHECK(tree_matches("//", "//"));
  CHECK_FALSE(tree_matches("/", "//"));
  CHECK_FALSE(tree_matches("a", "a/"));
  CHECK_FALSE(tree_matches("a/", "a"));
  CHECK_FALSE(tree_matches("a//b", "a/b"));
  CHECK(tree_matches("a/+/b", "a//b"));
}

// [MQTT-4.7.2-1]
TEST_CASE("Wildcards at the first level do not reach topics that begin with a dollar sign") {
  CHECK_FALSE(tree_matches("#", "$SYS/broker"));
  CHECK_FALSE(tree_matches("+/broker", "$SYS/broker"));
  CHECK_FALSE(tree_matches("+/#", "$SYS/broker"));
  CHECK_FALSE(tree_matches("#", "$"));
  CHECK(tree_matches("$SYS/#", "$SYS/broker"));
  CHECK(tree_matches("$SYS/#", "$SYS"));
  CHECK(tree_matches("$SYS/+", "$SYS/broker"));
  CHECK(tree_matches("a/+", "a/$SYS"));
  CHECK(tree_matches("+/+", "a/$SYS"));
  CHECK(tree_matches("a/#", "a/$SYS"));
}

TEST_CASE("201 levels are matched") {
  const std::string deep = repeated("l", 201);
  CHECK(tree_matches(deep, deep));
  CHECK(tree_matches(repeated("+", 201), deep));
  CHECK(tree_matches(repeated("+", 200) + "/#", deep));
  CHECK_FALSE(tree_matches(repeated("+", 200), deep));

  SECTION("with every mixture of exact and plus on the way") {
    SubscriptionTree tree;
    for (std::uint32_t i = 0; i < 200; ++i) {
      const std::string filter = repeated("l", i + 1) + "/" + repeated("+", 200 - i);
      tree.subscribe(filter_of(filter), receiver(i));
    }
    CHECK(slots(tree, deep).size() == 200);
    CHECK(slots(tree, deep).front() == 199);
  }
}

TEST_CASE("Receivers come in the order of the tree: exact level, plus, number sign") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("#"), receiver(6));
  tree.subscribe(filter_of("+/b"), receiver(5));
  tree.subscribe(filter_of("a/#"), receiver(3));
  tree.subscribe(filter_of("a/+"), receiver(2));
  tree.subscribe(filter_of("a/+/c"), receiver(4));
  tree.subscribe(filter_of("a/b/#"), receiver(8));
  tree.subscribe(filter_of("a/b"), receiver(1));
  tree.subscribe(filter_of("a/b"), receiver(9));
  CHECK(slots(tree, "a/b") == Slots{1, 9, 8, 2, 3, 5, 6});
  CHECK(slots(tree, "a/x/c") == Slots{4, 3, 6});
}

TEST_CASE("Receivers of one worker stand side by side, workers rising, and keep their order") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("a"), receiver(1, 3));
  tree.subscribe(filter_of("a"), receiver(2, 0));
  tree.subscribe(filter_of("a"), receiver(3, 3));
  tree.subscribe(filter_of("+"), receiver(4, 0));
  tree.subscribe(filter_of("#"), receiver(5, 7));
  const MatchPtr match = tree.match(topic_of("a"));
  CHECK(slots(tree, "a") == Slots{2, 4, 1, 3, 5});
  CHECK(match->begins == std::vector<std::uint32_t>{0, 2, 4, 5});

  CHECK(tree.match(topic_of("a/b/c"))->begins == std::vector<std::uint32_t>{0, 1});
  tree.unsubscribe(filter_of("#"), receiver(5, 7).session);
  CHECK(tree.match(topic_of("a/b/c"))->begins.empty());
}

TEST_CASE("A session that subscribes to several filters receives once for each") {
  SubscriptionTree tree;
  CHECK(tree.subscribe(filter_of("a/b"), receiver(1, 0, mqtt::QoS::at_most_once)));
  CHECK(tree.subscribe(filter_of("a/+"), receiver(1, 0, mqtt::QoS::exactly_once)));
  const MatchPtr match = tree.match(topic_of("a/b"));
  REQUIRE(match->receivers.size() == 2);
  CHECK(match->receivers[0].qos == mqtt::QoS::at_most_once);
  CHECK(match->receivers[1].qos == mqtt::QoS::exactly_once);
}

// [MQTT-3.8.4-3]
TEST_CASE("Subscribing again replaces the subscription in its place") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("a"), receiver(1));
  tree.subscribe(filter_of("a"), receiver(2));
  Receiver changed = receiver(1, 0, mqtt::QoS::exactly_once);
  changed.subscription_identifier = 268'435'455;
  CHECK_FALSE(tree.subscribe(filter_of("a"), changed));
  CHECK(tree.match(topic_of("a"))->receivers == std::vector<Receiver>{changed, receiver(2)});
  CHECK(tree.subscription_count() == 2);
}

// [MQTT-3.10.4-1] [MQTT-3.10.4-2]
TEST_CASE("Unsubscribing removes what was subscribed, and only that") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("a/+"), receiver(1));
  CHECK_FALSE(tree.unsubscribe(filter_of("a/b"), receiver(1).session));
  CHECK_FALSE(tree.unsubscribe(filter_of("a/#"), receiver(1).session));
  CHECK_FALSE(tree.unsubscribe(filter_of("a"), receiver(1).session));
  CHECK_FALSE(tree.unsubscribe(filter_of("a/+"), receiver(2).session));
  CHECK_FALSE(tree.unsubscribe(filter_of("$share/g/a/+"), receiver(1).session));
  CHECK(slots(tree, "a/b") == Slots{1});
  CHECK(tree.unsubscribe(filter_of("a/+"), receiver(1).session));
  CHECK_FALSE(tree.unsubscribe(filter_of("a/+"), receiver(1).session));
  CHECK(tree.match(topic_of("a/b"))->empty());
  CHECK(tree.subscription_count() == 0);

  SECTION("a session of the same slot but another generation is another session") {
    tree.subscribe(filter_of("a"), receiver(1));
    CHECK_FALSE(tree.unsubscribe(filter_of("a"), SessionId{1, 2, 0}));
    CHECK_FALSE(tree.unsubscribe(filter_of("a"), SessionId{1, 1, 5}));
    CHECK(tree.unsubscribe(filter_of("a"), SessionId{1, 1, 0}));
  }
}

TEST_CASE("Nodes exist only while filters pass through them") {
  SubscriptionTree tree;
  for (const auto* filter : {"a/b/c", "a/+/c", "a/b/#", "#", "$share/g/x/y", "a"}) {
    tree.subscribe(filter_of(filter), receiver(1));
  }
  CHECK(tree.node_count() == 7);
  tree.unsubscribe(filter_of("a/b/c"), receiver(1).session);
  CHECK(tree.node_count() == 6);
  tree.unsubscribe(filter_of("$share/g/x/y"), receiver(1).session);
  CHECK(tree.node_count() == 4);
  for (const auto* filter : {"a/+/c", "a/b/#", "#", "a"}) {
    tree.unsubscribe(filter_of(filter), receiver(1).session);
  }
  CHECK(tree.node_count() == 0);
}

TEST_CASE(
    "The generation of a topic changes with what may change its match, and with little else") {
  SubscriptionTree tree;
  tree.subscribe(filter_of("a/b"), receiver(1));
  const auto generation = [&tree](std::string_view topic) {
    return tree.generation(topic_of(topic));
  };

  SECTION("a subscription below the same first level changes it") {
    const auto before = generation("a/x");
    tree.subscribe(filter_of("a/c"), receiver(1));
    CHECK(generation("a/x") != before);
  }
  SECTION("a subscription that begins with a wildcard changes it for every topic") {
    for (const auto* filter : {"#", "+/x", "$share/g/+"}) {
      const auto a = generation("a");
      const auto x = generation("x");
      tree.subscribe(filter_of(filter), receiver(1));
      CHECK(generation("a") != a);
      CHECK(generation("x") != x);
    }
  }
  SECTION("a shared subscription counts by the filter behind the share name") {
    const auto before = generation("x/y");
    tree.subscribe(filter_of("$share/g/x/#"), receiver(1));
    CHECK(generation("x/y") != before);
  }
  SECTION("unsubscribing and other options change it") {
    const auto first = generation("a/b");
    tree.subscribe(filter_of("a/b"), receiver(1, 0, mqtt::QoS::at_least_once));
    const auto second = generation("a/b");
    CHECK(second != first);
    tree.unsubscribe(filter_of("a/b"), receiver(1).session);
    CHECK(generation("a/b") != second);
  }
  SECTION("what has no effect does not change it") {
    const auto before = generation("a/b");
    tree.subscribe(filter_of("a/b"), receiver(1));
    tree.unsubscribe(filter_of("a/b"), receiver(2).session);
    tree.unsubscribe(filter_of("a/c"), receiver(1).session);
    CHECK(generation("a/b") == before);
  }
  SECTION("subscriptions below another first level leave nearly all topics alone") {
    std::vector<std::uint64_t> before;
    for (int i = 0; i < 1000; ++i) before.push_back(generation("t" + std::to_string(i)));
    tree.subscribe(filter_of("a/#"), receiver(9));
    std::size_t changed = 0;
    for (std::size_t i = 0; i < 1000; ++i) {
      if (generation("t" + std::to_string(i)) != before[i]) ++changed;
    }
    CHECK(changed < 50);
  }
}

TEST_CASE("A leaf of many sessions takes and gives them up in any order") {
  constexpr std::uint32_t many = 50'000;
  SubscriptionTree tree;
  for (std::uint32_t i = 0; i < many; ++i)
    CHECK_FALSE(!tree.subscribe(filter_of("a"), receiver(i)));
  CHECK(slots(tree, "a").size() == many);
  for (std::uint32_t i = many; i > 0; --i) {
    if (i % 2 == 0) tree.unsubscribe(filter_of("a"), receiver(i - 1).session);
  }
  Slots even;
  for (std::uint32_t i = 0; i < many; i += 2) even.push_back(i);
  const bool those_that_stay_in_order = slots(tree, "a") == even;
  CHECK(those_that_stay_in_order);
  for (const std::uint32_t i : even) tree.unsubscribe(filter_of("a"), receiver(i).session);
  CHECK(tree.node_count() == 0);
}

TEST_CASE("Many unrelated filters do not disturb each other") {
  SubscriptionTree tree;
  const auto filter = [](std::uint32_t i) { return "dev/" + std::to_string(i) + "/+/up"; };
  constexpr std::uint32_t many = 20'000;
  for (std::uint32_t i = 0; i < many; ++i) tree.subscribe(filter_of(filter(i)), receiver(i));
  bool all_right = true;
  for (std::uint32_t i = 0; i < many; ++i) {
    all_right = all_right && slots(tree, "dev/" + std::to_string(i) + "/x/up") == Slots{i};
  }
  CHECK(all_right);
  for (std::uint32_t i = 0; i < many; ++i) {
    tree.unsubscribe(filter_of(filter(i)), receiver(i).session);
  }
  CHECK(tree.node_count() == 0);
}

// [MQTT-4.7.2-1]
TEST_CASE(
    "A wildcard that a mounted client begins with does not reach what begins with a dollar sign") {
  SubscriptionTree tree;
  const auto subscribe = [&tree](std::string_view filter, std::uint32_t slot, bool skips_dollar) {
    Receiver who = receiver(slot);
    who.skips_dollar = skips_dollar;
    tree.subscribe(filter_of(filter), who);
  };
  subscribe("home/#", 1, true);
  subscribe("home/+/x", 2, true);
  subscribe("home/#", 3, false);  // of a client outside: an ordinary level
  subscribe("home/+/x", 4, false);
  subscribe("home/$SYS/#", 5, false);
  SECTION("the level where the first wildcard stands decides") {
    CHECK(slots(tree, "home/$SYS/x") == Slots{5, 4, 3});
    CHECK(slots(tree, "home/$SYS") == Slots{5, 3});
    CHECK(slots(tree, "home/a/x") == Slots{2, 4, 1, 3});
    CHECK(slots(tree, "home/a/$x") == Slots{1, 3});
    CHECK(slots(tree, "home") == Slots{1, 3});
  }
  SECTION("members of a share group are passed over") {
    subscribe("$share/g/home/#", 6, true);
    CHECK(tree.match(topic_of("home/$SYS/x"))->groups.empty());
    CHECK(tree.match(topic_of("home/a"))->groups.size() == 1);
    subscribe("$share/g/home/#", 7, false);
    const auto match = tree.match(topic_of("home/$SYS/x"));
    REQUIRE(match->groups.size() == 1);
    REQUIRE(match->groups[0]->members.size() == 1);
    CHECK(match->groups[0]->members[0].session.slot == 7);
    CHECK(tree.match(topic_of("home/a"))->groups[0]->members.size() == 2);
  }
}

// [MQTT-4.7.2-1]
TEST_CASE("Nor does that of one who comes while a search is under way") {
  SubscriptionTree tree;
  const auto subscribe = [&tree](std::string_view filter, std::uint32_t slot, bool skips_dollar) {
    Receiver who = receiver(slot);
    who.skips_dollar = skips_dollar;
    tree.subscribe(filter_of(filter), who);
  };
  subscribe("home/#", 1, false);
  SubscriptionTree::Search search(tree, topic_of("home/$SYS/x"));
  std::size_t nodes = 2;
  REQUIRE_FALSE(search.go_on(nodes));
  subscribe("home/+/x", 2, true);  // where the search has passed
  subscribe("home/+/x", 3, false);
  subscribe("home/$SYS/x", 4, false);
  nodes = 1000;
  REQUIRE(search.go_on(nodes));
  Slots found;
  const MatchPtr match = search.match();
  for (const Receiver& each : match->receivers) found.push_back(each.session.slot);
  CHECK(found == Slots{1, 3, 4});
}
