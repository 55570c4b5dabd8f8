#include "sub/topic_stats.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using sub::TopicStats;
using Order = TopicStats::Order;

namespace {

timespec at(time_t second) {
  return {second, 0};
}

std::string topics(const TopicStats& stats, Order order, std::size_t most = 10) {
  std::string names;
  for (const auto& row : stats.rows(order, most)) names += std::string(row.topic) + " ";
  return names;
}

TopicStats three_topics() {
  TopicStats stats;
  for (int i = 0; i < 3; ++i) stats.add("old", "x", at(1));
  stats.end_interval(1);
  stats.add("big", std::string(100, 'x'), at(2));
  for (int i = 0; i < 2; ++i) stats.add("new", "y", at(3));
  stats.end_interval(2);
  return stats;
}

}  // namespace

TEST_CASE("Rates are those of the last interval, counts those of all") {
  const TopicStats stats = three_topics();
  const auto rows = stats.rows(Order::topic, 10);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].topic == "big");
  CHECK(rows[0].figures->message_rate == 0.5);
  CHECK(rows[0].figures->byte_rate == 50);
  CHECK(rows[1].figures->message_rate == 1);
  CHECK(rows[2].figures->messages == 3);
  CHECK(rows[2].figures->message_rate == 0);
  CHECK(stats.all().messages == 6);
  CHECK(stats.all().bytes == 105);
  CHECK(stats.all().message_rate == 1.5);
}

TEST_CASE("Rows come in the order that was asked for, the first of them only") {
  const TopicStats stats = three_topics();
  CHECK(topics(stats, Order::rate) == "new big old ");
  CHECK(topics(stats, Order::messages) == "old new big ");
  CHECK(topics(stats, Order::bytes) == "big old new ");
  CHECK(topics(stats, Order::last) == "new big old ");
  CHECK(topics(stats, Order::topic) == "big new old ");
  CHECK(topics(stats, Order::rate, 1) == "new ");
  CHECK(topics(stats, Order::rate, 0).empty());
}

TEST_CASE("The beginning of the latest payload is kept, and no endless list of topics") {
  TopicStats stats;
  stats.add("a", "first", at(1));
  stats.add("a", std::string(10'000, 'z'), at(2));
  CHECK(stats.rows(Order::topic, 1).front().figures->payload ==
        std::string(TopicStats::kept_payload, 'z'));
  for (std::size_t i = 0; i < TopicStats::most_topics + 5; ++i) {
    stats.add("t" + std::to_string(i), "", at(3));
  }
  CHECK(stats.topics() == TopicStats::most_topics);
  CHECK(topics(stats, Order::messages, 1) == "(other topics) ");
}
