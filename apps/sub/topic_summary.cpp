#include "sub/topic_summary.h"

#include <fmt/format.h>

#include <iterator>

#include "cli/json_writer.h"
#include "cli/local_time.h"

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
  auto found = topics_.find(topic);
  if (found == topics_.end()) {
    if (topics_.size() == most_topics) return count(others_, bytes, moment);
    found = topics_.emplace(topic, Figures()).first;
  }
  count(found->second, bytes, moment);
}

void TopicSummary::count(Figures& figures, std::size_t bytes, const timespec& moment) {
  ++figures.messages;
  figures.bytes += bytes;
  figures.last = moment;
}

void TopicSummary::print(std::string& out, Form form, double seconds) const {
  if (form == Form::table) {
    print_table(out, seconds);
  } else {
    print_json(out, seconds);
  }
}

void TopicSummary::print_table(std::string& out, double seconds) const {
  const auto line = [&](const Figures& figures, std::string_view topic) {
    fmt::format_to(std::back_inserter(out), "{:>12} {:>12.3f} {:>15}  {:<24}  {}\n",
                   figures.messages, rate(figures.messages, seconds), figures.bytes,
                   figures.messages == 0 ? "-" : text_of(figures.last), topic);
  };
  fmt::format_to(std::back_inserter(out), "{:>12} {:>12} {:>15}  {:<24}  {}\n", "messages",
                 "per second", "bytes", "last", "topic");
  for (const auto& [topic, figures] : topics_) line(figures, topic);
  if (others_.messages > 0) line(others_, other_topics);
  line(all_, fmt::format("({} topics in {:.1f} seconds)", topics_.size(), seconds));
}

void TopicSummary::print_json(std::string& out, double seconds) const {
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
  for (const auto& [topic, figures] : topics_) {
    json.begin_object();
    json.key("topic");
    json.string(topic);
    write(figures);
    json.end_object();
  }
  json.end_array();
  if (others_.messages > 0) {
    json.key("others");
    json.begin_object();
    write(others_);
    json.end_object();
  }
  json.end_object();
  out += '\n';
}

}  // namespace sub
