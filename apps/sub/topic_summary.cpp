#include "sub/topic_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <tuple>

#include "cli/output/json_writer.h"
#include "cli/output/local_time.h"
#include "sub/topic_group.h"

namespace sub {

namespace {

/// Messages in one second, as far as there was time.
double rate(std::uint64_t messages, double seconds) {
  return seconds > 0 ? static_cast<double>(messages) / seconds : 0;
}

std::string text_of(const timespec& moment) {
  cli::LocalTime time;
  time.set(moment);
  std::string text;
  time.append(text, "%FT%T%z");
  return text;
}

constexpr std::string_view other_topics = "(other topics)";

}  // namespace

void TopicSummary::add(std::string_view topic, std::size_t bytes, const timespec& moment) {
  count(all_, bytes, moment);
  const std::string_view group = topic_group(topic, depth_, scratch_);
  auto found = topics_.find(group);
  if (found == topics_.end()) {
    if (topics_.size() == most_topics) return count(others_, bytes, moment);
    found = topics_.emplace(group, Figures()).first;
  }
  count(found->second, bytes, moment);
}

void TopicSummary::count(Figures& figures, std::size_t bytes, const timespec& moment) {
  ++figures.messages;
  figures.bytes += bytes;
  figures.last = moment;
}

void TopicSummary::add(Figures& sum, const Figures& figures) {
  sum.messages += figures.messages;
  sum.bytes += figures.bytes;
  const auto moment = [](const Figures& one) {
    return std::tie(one.last.tv_sec, one.last.tv_nsec);
  };
  if (moment(sum) < moment(figures)) sum.last = figures.last;
}

TopicSummary::Rows TopicSummary::rows(std::size_t top) const {
  Rows rows;
  for (const auto& [topic, figures] : topics_) rows.topics.push_back({topic, &figures});
  // All rates are of the same time: who has more messages has the higher one.
  std::ranges::sort(rows.topics, [](const Row& left, const Row& right) {
    return std::tie(right.figures->messages, left.topic) <
           std::tie(left.figures->messages, right.topic);
  });
  rows.others = others_;
  if (rows.topics.size() <= top) return rows;
  for (const Row& row : std::span(rows.topics).subspan(top)) add(rows.others, *row.figures);
  rows.topics.resize(top);
  return rows;
}

void TopicSummary::print(std::string& out, Form form, double seconds, std::size_t top) const {
  if (form == Form::table) {
    print_table(out, seconds, rows(top));
  } else {
    print_json(out, seconds, rows(top));
  }
}

void TopicSummary::print_table(std::string& out, double seconds, const Rows& rows) const {
  const auto line = [&](const Figures& figures, std::string_view topic) {
    fmt::format_to(std::back_inserter(out), "{:>12} {:>12.3f} {:>15}  {:<24}  {}\n",
                   figures.messages, rate(figures.messages, seconds), figures.bytes,
                   figures.messages == 0 ? "-" : text_of(figures.last), topic);
  };
  fmt::format_to(std::back_inserter(out), "{:>12} {:>12} {:>15}  {:<24}  {}\n", "messages",
                 "per second", "bytes", "last", "topic");
  for (const Row& row : rows.topics) line(*row.figures, row.topic);
  if (rows.others.messages > 0) line(rows.others, other_topics);
  line(all_, fmt::format("({} {} in {:.1f} seconds)", topics_.size(),
                         depth_ == 0 ? "topics" : "groups of topics", seconds));
}

void TopicSummary::print_json(std::string& out, double seconds, const Rows& rows) const {
  cli::JsonWriter json(out, cli::JsonWriter::Style::compact);
  const auto write = [&](const Figures& figures) {
    json.key("messages");
    json.integer(figures.messages);
    json.key("rate");
    json.number(rate(figures.messages, seconds));
    json.key("bytes");
    json.integer(figures.bytes);
    json.key("last");
    if (figures.messages == 0) return json.null();
    json.string(text_of(figures.last));
  };
  json.begin_object();
  json.key("seconds");
  json.number(seconds);
  write(all_);
  json.key("topics");
  json.begin_array();
  for (const Row& row : rows.topics) {
    json.begin_object();
    json.key("topic");
    json.string(row.topic);
    write(*row.figures);
    json.end_object();
  }
  json.end_array();
  if (rows.others.messages > 0) {
    json.key("others");
    json.begin_object();
    write(rows.others);
    json.end_object();
  }
  json.end_object();
  out += '\n';
}

}  // namespace sub
