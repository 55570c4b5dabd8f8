#include "sub/stats_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "cli/local_time.h"
#include "sub/printable_text.h"

namespace sub {

namespace {

constexpr std::string_view home = "\x1B[H";
constexpr std::string_view clear_line_end = "\x1B[K";
constexpr std::string_view clear_below = "\x1B[J";
constexpr std::string_view reverse = "\x1B[7m";
constexpr std::string_view plain = "\x1B[0m";

/// Title, heading, and the line of sums.
constexpr std::size_t other_lines = 3;

/// The columns before topic and payload.
constexpr std::size_t figures_width = 9 + 1 + 8 + 1 + 7 + 1 + 7 + 1 + 8 + 1;
constexpr std::size_t narrowest_topic = 12;

/// At most `most` characters; one column each, which is true of nearly all that topics are made of.
std::string cut(std::string_view rest, std::size_t most) {
  std::string fit;
  for (std::size_t column = 0; column < most && !rest.empty(); ++column) {
    const std::size_t length = std::max<std::size_t>(utf8_sequence(rest), 1);
    fit += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  return fit;
}

/// The same of what peers have sent.
std::string fitted(std::string_view text, std::size_t most) {
  std::string printable;
  append_printable(printable, text);
  return cut(printable, most);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Three or four digits and a unit: "950", "1.2k", "17M".
std::string short_number(double value) {
  constexpr std::array units{"", "k", "M", "G", "T", "P"};
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  const bool needs_fraction = value < 9.95 && (unit > 0 || value != static_cast<int>(value));
  return fmt::format("{:.{}f}{}", value, needs_fraction ? 1 : 0, units.at(unit));
}

std::string figures_text(const TopicStats::Figures& figures) {
  cli::LocalTime time;
  time.set(figures.last);
  std::string last;
  if (figures.messages > 0) {
    time.append(last, "%T");
  }
  return fmt::format(
      "{:>9} {:>8} {:>7} {:>7} {:>8} ", figures.messages, short_number(figures.message_rate),
      short_number(static_cast<double>(figures.bytes)), short_number(figures.byte_rate), last);
}

void append_line(std::string& out, std::string_view text, std::size_t columns) {
  out += cut(text, columns);
  out += clear_line_end;
}

}  // namespace

void append_stats_table(std::string& out, const TopicStats& stats, TopicStats::Order order,
                        WindowSize size, std::string_view broker) {
  const std::size_t room = size.rows > other_lines ? size.rows - other_lines : 0;
  const auto rows = stats.rows(order, room);
  std::size_t topic_width = narrowest_topic;
  for (const TopicStats::Row& row : rows) {
    topic_width = std::max(topic_width, characters(fitted(row.topic, size.columns)));
  }
  const std::size_t texts = size.columns > figures_width ? size.columns - figures_width : 0;
  topic_width = std::min(topic_width, std::max(narrowest_topic, texts * 2 / 3));

  out += home;
  append_line(out,
              fmt::format("{}: {} topics   sort: (r)ate (m)essages (b)ytes (l)ast (t)opic   (q)uit",
                          broker, stats.topics()),
              size.columns);
  out += "\r\n";
  out += reverse;
  append_line(out,
              fmt::format("{:>9} {:>8} {:>7} {:>7} {:>8} {:<{}} {}", "messages", "per sec", "bytes",
                          "per sec", "last", "topic", topic_width, "payload"),
              size.columns);
  out += plain;
  for (const TopicStats::Row& row : rows) {
    std::string topic = fitted(row.topic, topic_width);
    topic.append(topic_width - characters(topic), ' ');
    std::string line = figures_text(*row.figures);
    line += topic;
    line += ' ';
    out += "\r\n";
    out += cut(line, size.columns);
    const std::size_t used = characters(line);
    if (used < size.columns) out += fitted(row.figures->payload, size.columns - used);
    out += clear_line_end;
  }
  out += "\r\n";
  append_line(out, figures_text(stats.all()) + "all", size.columns);
  out += clear_below;
}

}  // namespace sub
