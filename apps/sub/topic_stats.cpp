#include "sub/topic_stats.h"

#include <algorithm>
#include <tuple>

#include "sub/topic_group.h"

namespace sub {

namespace {

using Row = TopicStats::Row;
using Order = TopicStats::Order;

/// Whether `left` stands before `right`.
bool is_before(Order order, const Row& left, const Row& right) {
  const TopicStats::Figures& a = *left.figures;
  const TopicStats::Figures& b = *right.figures;
  switch (order) {
    case Order::rate:
      return std::tie(b.message_rate, b.messages, left.topic) <
             std::tie(a.message_rate, a.messages, right.topic);
    case Order::messages:
      return std::tie(b.messages, left.topic) < std::tie(a.messages, right.topic);
    case Order::bytes:
      return std::tie(b.bytes, left.topic) < std::tie(a.bytes, right.topic);
    case Order::last:
      return std::tie(b.last.tv_sec, b.last.tv_nsec, left.topic) <
             std::tie(a.last.tv_sec, a.last.tv_nsec, right.topic);
    case Order::topic:
      break;
  }
  return left.topic < right.topic;
}

}  // namespace

void TopicStats::add(std::string_view topic, std::string_view payload, const timespec& moment) {
  count(all_, payload, moment);
  const std::string_view group = topic_group(topic, depth_, scratch_);
  auto found = topics_.find(group);
  if (found == topics_.end()) {
    if (topics_.size() == most_topics) return count(others_, payload, moment);
    found = topics_.emplace(group, Figures()).first;
  }
  count(found->second, payload, moment);
}

void TopicStats::count(Figures& figures, std::string_view payload, const timespec& moment) {
  ++figures.messages;
  figures.bytes += payload.size();
  figures.last = moment;
  figures.payload = payload.substr(0, kept_payload);
}

void TopicStats::end_interval(double seconds) {
  for (auto& [topic, figures] : topics_) end_interval(figures, seconds);
  end_interval(others_, seconds);
  end_interval(all_, seconds);
}

void TopicStats::end_interval(Figures& figures, double seconds) {
  if (seconds <= 0) return;
  figures.message_rate = static_cast<double>(figures.messages - figures.messages_before) / seconds;
  figures.byte_rate = static_cast<double>(figures.bytes - figures.bytes_before) / seconds;
  figures.messages_before = figures.messages;
  figures.bytes_before = figures.bytes;
}

std::vector<Row> TopicStats::rows(Order order, std::size_t most) const {
  std::vector<Row> rows;
  rows.reserve(topics_.size() + 1);
  for (const auto& [topic, figures] : topics_) rows.push_back({topic, &figures});
  if (others_.messages > 0) rows.push_back({"(other topics)", &others_});
  const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(most, rows.size()));
  std::partial_sort(rows.begin(), end, rows.end(), [order](const Row& left, const Row& right) {
    return is_before(order, left, right);
  });
  rows.erase(end, rows.end());
  return rows;
}

}  // namespace sub
