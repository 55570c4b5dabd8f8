/// The tree against a list of subscriptions that is searched from end to end, over random changes.

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "broker/routing/naive_topics.h"
#include "routing/subscription_tree.h"

using namespace broker;
using naive::filter_of;
using naive::topic_of;

namespace {

/// Where a filter stands among those that match the same topic: exact level, `+`, `#`.
std::vector<int> rank(std::string_view filter) {
  std::vector<int> result;
  for (const std::string& level : naive::levels(filter)) {
    result.push_back(level == "#" ? 2 : level == "+" ? 1 : 0);
  }
  return result;
}

class Model {
 public:
  bool subscribe(const mqtt::TopicFilter& filter, const Receiver& receiver) {
    for (Subscription& each : subscriptions_) {
      if (each.text == filter.text() && each.receiver.session == receiver.session) {
        each.receiver = receiver;
        return false;
      }
    }
    subscriptions_.push_back(
        {std::string(filter.text()), std::string(filter.filter()), filter.is_shared(), receiver});
    return true;
  }

  bool unsubscribe(const mqtt::TopicFilter& filter, const SessionId& session) {
    return std::erase_if(subscriptions_, [&](const Subscription& each) {
             return each.text == filter.text() && each.receiver.session == session;
           }) != 0;
  }

  std::vector<Receiver> receivers(std::string_view topic) const {
    std::vector<Subscription> matching;
    for (const Subscription& each : subscriptions_) {
      if (!each.shared && naive::matches(each.filter, topic)) matching.push_back(each);
    }
    std::ranges::stable_sort(matching, {}, [](const Subscription& each) {
      return std::tuple(each.receiver.session.worker, rank(each.filter));
    });
    std::vector<Receiver> result;
    for (const Subscription& each : matching) result.push_back(each.receiver);
    return result;
  }

  /// Member lists in the order of the tree, groups of one filter by name.
  std::vector<std::vector<Receiver>> groups(std::string_view topic) const {
    std::map<std::tuple<std::vector<int>, std::string>, std::vector<Receiver>> found;
    for (const Subscription& each : subscriptions_) {
      if (each.shared && naive::matches(each.filter, topic)) {
        found[{rank(each.filter), each.text}].push_back(each.receiver);
      }
    }
    std::vector<std::vector<Receiver>> result;
    for (const auto& [key, members] : found) result.push_back(members);
    return result;
  }

  std::size_t count(bool shared) const {
    return static_cast<std::size_t>(
        std::ranges::count(subscriptions_, shared, &Subscription::shared));
  }

  struct Subscription {
    std::string text;
    std::string filter;
    bool shared;
    Receiver receiver;
  };
  const std::vector<Subscription>& subscriptions() const { return subscriptions_; }

 private:
  std::vector<Subscription> subscriptions_;
};

std::vector<std::vector<Receiver>> members(const Match& match) {
  std::vector<std::vector<Receiver>> result;
  for (const ShareGroupPtr& group : match.groups) result.push_back(group->members);
  return result;
}

void check_begins(const Match& match) {
  if (match.receivers.empty()) {
    CHECK(match.begins.empty());
    return;
  }
  std::vector<std::uint32_t> expected{0};
  for (std::uint32_t i = 1; i < match.receivers.size(); ++i) {
    if (match.receivers[i].session.worker != match.receivers[i - 1].session.worker) {
      expected.push_back(i);
    }
  }
  expected.push_back(static_cast<std::uint32_t>(match.receivers.size()));
  CHECK(match.begins == expected);
}

}  // namespace

TEST_CASE("Whatever was subscribed and unsubscribed, the tree answers as a list would") {
  const auto seed = GENERATE(take(8, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  naive::RandomTopics topics(random);
  SubscriptionTree tree;
  Model model;
  struct Remembered {
    std::uint64_t generation;
    MatchPtr match;
  };
  std::map<std::string, Remembered> remembered;

  const auto random_filter = [&] {
    const std::string filter = topics.filter();
    return topics.one_in(4) ? "$share/" + std::string(topics.one_in(2) ? "g" : "h") + "/" + filter
                            : filter;
  };
  for (int step = 0; step < 600; ++step) {
    // Sometimes more is added, sometimes more is taken away.
    const bool grows = (step / 100) % 2 == 0;
    if (topics.one_in(grows ? 4 : 2) && !model.subscriptions().empty()) {
      const auto& victim = model.subscriptions()[topics.below(model.subscriptions().size())];
      const std::string text = topics.one_in(3) ? random_filter() : victim.text;
      const SessionId session = victim.receiver.session;
      CHECK(tree.unsubscribe(filter_of(text), session) ==
            model.unsubscribe(filter_of(text), session));
    } else {
      Receiver receiver;
      receiver.session = SessionId{static_cast<std::uint32_t>(topics.below(40)), 1,
                                   static_cast<std::uint16_t>(topics.below(3))};
      receiver.qos = static_cast<mqtt::QoS>(topics.below(3));
      const std::string text = random_filter();
      CHECK(tree.subscribe(filter_of(text), receiver) ==
            model.subscribe(filter_of(text), receiver));
    }

    const std::string topic = topics.topic();
    INFO("step " << step << ", topic " << topic);
    const MatchPtr match = tree.match(topic_of(topic));
    REQUIRE(match->receivers == model.receivers(topic));
    REQUIRE(members(*match) == model.groups(topic));
    check_begins(*match);

    // An answer of before is still right if the generation says so.
    const std::uint64_t generation = tree.generation(topic_of(topic));
    const auto before = remembered.find(topic);
    if (before != remembered.end() && before->second.generation == generation) {
      REQUIRE(before->second.match->receivers == match->receivers);
      REQUIRE(before->second.match->groups == match->groups);
    }
    remembered[topic] = {generation, match};
  }
  CHECK(tree.subscription_count() == model.count(false));
  CHECK(tree.shared_subscription_count() == model.count(true));

  while (!model.subscriptions().empty()) {
    const auto last = model.subscriptions().back();
    REQUIRE(tree.unsubscribe(filter_of(last.text), last.receiver.session));
    model.unsubscribe(filter_of(last.text), last.receiver.session);
  }
  CHECK(tree.node_count() == 0);
}

TEST_CASE("A search in steps finds what matches at its end, whatever changed between the steps") {
  const auto seed = GENERATE(take(8, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  naive::RandomTopics topics(random);
  SubscriptionTree tree;
  Model model;
  const auto change = [&] {
    if (topics.one_in(2) && !model.subscriptions().empty()) {
      const auto victim = model.subscriptions()[topics.below(model.subscriptions().size())];
      tree.unsubscribe(filter_of(victim.text), victim.receiver.session);
      model.unsubscribe(filter_of(victim.text), victim.receiver.session);
      return;
    }
    Receiver receiver;
    receiver.session = SessionId{static_cast<std::uint32_t>(topics.below(40)), 1,
                                 static_cast<std::uint16_t>(topics.below(3))};
    const std::string text = topics.one_in(4) ? "$share/g/" + topics.filter() : topics.filter();
    tree.subscribe(filter_of(text), receiver);
    model.subscribe(filter_of(text), receiver);
  };
  // A leaf that came late stands behind the others.
  const auto sorted = [](std::vector<Receiver> receivers) {
    std::ranges::sort(receivers, {}, [](const Receiver& one) {
      return std::tuple(one.session.worker, one.session.slot, one.qos);
    });
    return receivers;
  };
  struct Running {
    std::unique_ptr<SubscriptionTree::Search> search;
    int changes_left;
  };
  std::vector<Running> running;
  int finished = 0;
  for (int i = 0; i < 200; ++i) change();
  while (finished < 400) {
    if (running.size() < 3) {
      running.push_back({std::make_unique<SubscriptionTree::Search>(tree, topic_of(topics.topic())),
                         static_cast<int>(topics.below(30))});
    }
    change();
    const std::size_t at = topics.below(running.size());
    std::size_t nodes = topics.below(4);
    const bool complete = running[at].search->go_on(nodes);
    if (!complete || --running[at].changes_left > 0) continue;
    const std::string topic(running[at].search->topic().text());
    INFO("topic " << topic);
    const MatchPtr match = running[at].search->match();
    REQUIRE(sorted(match->receivers) == sorted(model.receivers(topic)));
    REQUIRE(match->groups.size() == model.groups(topic).size());
    check_begins(*match);
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
    ++finished;
  }
}
