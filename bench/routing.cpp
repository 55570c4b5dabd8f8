// What the steps of routing cost: a match, a cached match, a change of the tree, retained messages.

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "measure.h"
#include "mqtt/protocol/bytes.h"
#include "routing/match_cache.h"
#include "routing/retained_tree.h"
#include "routing/subscription_tree.h"

namespace {

using namespace broker;

mqtt::TopicFilter filter_of(std::string_view text) {
  return *mqtt::TopicFilter::parse(text);
}
mqtt::TopicName topic_of(std::string_view text) {
  return *mqtt::TopicName::parse(text);
}

void print(std::string_view what, double number, std::string_view unit = "ns") {
  fmt::print("{:<66}{:>10.1f} {}\n", what, number, unit);
}

/// Endless: calls `step` with 0, 1, ... `count` - 1, 0, 1, ...
template <class Step>
void measure_in_turn(std::string_view what, std::size_t count, Step&& step) {
  std::size_t i = 0;
  print(what, bench::nanoseconds_per_call([&] {
          step(i);
          i = i + 1 == count ? 0 : i + 1;
        }));
}

/// Once: `step` with 0 to `steps` - 1; prints the time of one of `units`.
template <class Step>
void measure_once(std::string_view what, std::size_t steps, std::size_t units, Step&& step) {
  const double begin = bench::nanoseconds_of_thread();
  for (std::size_t i = 0; i < steps; ++i) step(i);
  print(what, (bench::nanoseconds_of_thread() - begin) / static_cast<double>(units));
}

void expect(bool right) {
  if (right) return;
  fmt::print(stderr, "a wrong answer was measured\n");
  std::exit(1);
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  file >> size >> resident;
  return resident * 4096;
}

Receiver receiver(std::size_t slot) {
  Receiver result;
  result.session =
      SessionId{static_cast<std::uint32_t>(slot), 1, static_cast<std::uint16_t>(slot % 4)};
  return result;
}

std::vector<std::string> topics(std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(fmt::format("site/{}/device/{}/temperature", i % 97, i));
  }
  return result;
}

MessagePtr message(std::string_view topic) {
  static const std::string payload(64, 'x');
  return Message::create(MessageView{.topic = topic_of(topic),
                                     .payload = mqtt::as_bytes(payload),
                                     .retain = true,
                                     .properties = {},
                                     .publisher = {}});
}

void matches() {
  const std::vector<std::string> names = topics(1000);
  SubscriptionTree tree;
  const auto match = [&](std::string_view what, std::size_t receivers) {
    measure_in_turn(what, names.size(), [&](std::size_t i) {
      expect(tree.match(topic_of(names[i]))->receivers.size() == receivers);
    });
  };
  match("match: empty tree", 0);
  for (std::size_t i = 0; i < names.size(); ++i) tree.subscribe(filter_of(names[i]), receiver(i));
  match("match: 1000 exact filters of 5 levels, 1 receiver", 1);
  for (const auto* filter : {"site/+/device/#", "site/#", "+/+/device/+/temperature", "#"}) {
    tree.subscribe(filter_of(filter), receiver(5000));
  }
  match("match: these and 4 wildcard filters, 5 receivers", 5);

  constexpr std::size_t unrelated = 100'000;
  const auto filter = [](std::size_t i) { return fmt::format("other/{}/+/state", i); };
  const std::size_t before = resident_bytes();
  measure_once("subscribe: 100 000 unrelated wildcard filters", unrelated, unrelated,
               [&](std::size_t i) { tree.subscribe(filter_of(filter(i)), receiver(i)); });
  print("memory: one such filter (3 nodes, 1 receiver)",
        static_cast<double>(resident_bytes() - before) / unrelated, "bytes");
  match("match: the 5 receivers again, beside 100 000 unrelated filters", 5);
  measure_once("unsubscribe: 100 000 unrelated wildcard filters", unrelated, unrelated,
               [&](std::size_t i) { tree.unsubscribe(filter_of(filter(i)), receiver(i).session); });
}

void large_leaf() {
  constexpr std::size_t many = 50'000;
  SubscriptionTree tree;
  const auto filter = filter_of("all");
  measure_once("subscribe: 50 000 sessions to one filter", many, many,
               [&](std::size_t i) { tree.subscribe(filter, receiver(i)); });
  measure_once("match: 50 000 receivers on 4 workers, per receiver", 20, 20 * many,
               [&](std::size_t) { expect(tree.match(topic_of("all"))->begins.size() == 5); });
  measure_once("unsubscribe: 50 000 sessions from one filter", many, many,
               [&](std::size_t i) { tree.unsubscribe(filter, receiver(i).session); });
}

void cache() {
  SubscriptionTree tree;
  MatchCache cache;
  const std::vector<std::string> names = topics(1000);
  const MatchPtr match = tree.match(topic_of(names[0]));
  for (const std::string& name : names) cache.insert(name, tree.generation(topic_of(name)), match);
  const auto hit = [&](const std::string& name) {
    const mqtt::TopicName topic = mqtt::TopicName::from_valid(name);
    expect(cache.find(name, tree.generation(topic)) != nullptr);
  };
  measure_in_turn("cache: hit, with its generation, one topic", 1,
                  [&](std::size_t) { hit(names[7]); });
  measure_in_turn("cache: hit, with its generation, 1000 topics in turn", names.size(),
                  [&](std::size_t i) { hit(names[i]); });
  MatchCache small(1000);
  const std::vector<std::string> more = topics(10'000);
  measure_in_turn("cache: insert into a full one", more.size(),
                  [&](std::size_t i) { small.insert(more[i], 1, match); });
}

/// The whole of a replay; prints the time per message.
void replay(std::string_view what, const RetainedTree& tree, std::string_view filter,
            std::size_t expected) {
  std::vector<MessagePtr> batch;
  std::size_t found = 0;
  measure_once(what, 1, expected == 0 ? 1 : expected, [&](std::size_t) {
    for (RetainedTree::Cursor cursor; !cursor.done; batch.clear()) {
      tree.collect(filter, cursor, 64, 0, batch);
      found += batch.size();
    }
  });
  expect(found == expected);
}

void retained() {
  constexpr std::size_t many = 200'000;
  const std::vector<std::string> names = topics(many);
  std::vector<MessagePtr> messages;
  for (const std::string& name : names) messages.push_back(message(name));
  RetainedTree tree;
  const std::size_t before = resident_bytes();
  measure_once("retained: store 200 000 new topics", many, many,
               [&](std::size_t i) { tree.store(messages[i]); });
  print("memory: a retained topic, beside its message",
        static_cast<double>(resident_bytes() - before) / many, "bytes");
  measure_in_turn("retained: replace, 200 000 topics in turn", many,
                  [&](std::size_t i) { tree.store(messages[i]); });
  measure_in_turn("retained: replace, one topic", 1, [&](std::size_t) { tree.store(messages[7]); });

  replay("retained: replay of #, in batches of 64, per message", tree, "#", many);
  replay("retained: replay of site/+/device/+/temperature, per message", tree,
         "site/+/device/+/temperature", many);
  replay("retained: replay of site/+/device/7/temperature, all of it", tree,
         "site/+/device/7/temperature", 1);
  replay("retained: replay of +/+/+/+/x, which none matches, all of it", tree, "+/+/+/+/x", 0);
  std::vector<MessagePtr> found;
  measure_in_turn("retained: a topic without wildcards", many, [&](std::size_t i) {
    RetainedTree::Cursor cursor;
    found.clear();
    tree.collect(names[i], cursor, 64, 0, found);
    expect(found.size() == 1);
  });
}

}  // namespace

int main() {
  matches();
  large_leaf();
  cache();
  retained();
}
