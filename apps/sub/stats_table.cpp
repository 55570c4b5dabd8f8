#include "sub/stats_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "cli/output/local_time.h"
#include "cli/output/printable_text.h"

namespace sub {

namespace {

constexpr std::string_view home = "\x1B[H";
constexpr std::string_view clear_line_end = "\x1B[K";
constexpr std::string_view clear_below = "\x1B[J";
constexpr std::string_view reverse = "\x1B[7m";
constexpr std::string_view plain = "\x1B[0m";

/// Title, heading, and the line of sums.
constexpr std::size_t other_lines = 3;

constexpr std::size_t narrowest_topic = 12;
/// What topic and payload are to have before a column of figures is given up for them.
constexpr std::size_t least_for_texts = 24;

/// At most `most` characters; one column each, which is true of nearly all that topics are made of.
std::string cut(std::string_view rest, std::size_t most) {
  std::string fit;
  for (std::size_t column = 0; column < most && !rest.empty(); ++column) {
    const std::size_t length = std::max<std::size_t>(cli::utf8_sequence(rest), 1);
    fit += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  return fit;
}

/// The same of what peers have sent.
std::string fitted(std::string_view text, std::size_t most) {
  std::string printable;
  cli::append_printable(printable, text);
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

std::string last_text(const TopicStats::Figures& figures) {
  std::string text;
  if (figures.messages == 0) return text;
  cli::LocalTime time;
  time.set(figures.last);
  time.append(text, "%T");
  return text;
}

/// A column of figures before topic and payload.
struct Column {
  std::string_view heading;
  std::size_t width;
  std::string (*text)(const TopicStats::Figures& figures);
  int rank;  ///< narrow windows do without those of the highest
};

constexpr std::array all_columns{
    Column{"messages", 9, [](const TopicStats::Figures& f) { return std::to_string(f.messages); },
           2},
    Column{"per sec", 8, [](const TopicStats::Figures& f) { return short_number(f.message_rate); },
           1},
    Column{"bytes", 7,
           [](const TopicStats::Figures& f) { return short_number(static_cast<double>(f.bytes)); },
           4},
    Column{"per sec", 7, [](const TopicStats::Figures& f) { return short_number(f.byte_rate); }, 5},
    Column{"last", 8, [](const TopicStats::Figures& f) { return last_text(f); }, 3},
};

/// The columns that there is room for.
struct Layout {
  int most_rank = static_cast<int>(all_columns.size());

  explicit Layout(std::size_t window_columns) {
    while (most_rank > 1 && width() + least_for_texts > window_columns) --most_rank;
  }
  bool is_whole() const { return most_rank == static_cast<int>(all_columns.size()); }
  std::size_t width() const {
    std::size_t sum = 0;
    for (const Column& column : all_columns) sum += column.rank <= most_rank ? column.width + 1 : 0;
    return sum;
  }
  template <typename Text>
  std::string line(const Text& text_of) const {
    std::string line;
    for (const Column& column : all_columns) {
      if (column.rank > most_rank) continue;
      fmt::format_to(std::back_inserter(line), "{:>{}} ", text_of(column), column.width);
    }
    return line;
  }
  std::string figures(const TopicStats::Figures& figures) const {
    return line([&](const Column& column) { return column.text(figures); });
  }
  std::string headings() const {
    return line([](const Column& column) { return column.heading; });
  }
};

/// The longest that fits, or the beginning of the shortest.
std::string title(std::string_view broker, std::size_t topics, std::size_t window_columns) {
  std::string shortest = fmt::format("{}: {} topics", broker, topics);
  for (const std::string_view keys : {"   sort: (r)ate (m)essages (b)ytes (l)ast (t)opic   (q)uit",
                                      "   sort: r m b l t   quit: q"}) {
    if (shortest.size() + keys.size() <= window_columns) return shortest.append(keys);
  }
  return shortest;
}

void append_line(std::string& out, std::string_view text, std::size_t columns) {
  out += cut(text, columns);
  out += clear_line_end;
}

}  // namespace

void append_stats_table(std::string& out, const TopicStats& stats, TopicStats::Order order,
                        cli::WindowSize size, std::string_view broker) {
  const std::size_t room = size.rows > other_lines ? size.rows - other_lines : 0;
  const auto rows = stats.rows(order, room);
  const Layout layout(size.columns);
  std::size_t topic_width = narrowest_topic;
  for (const TopicStats::Row& row : rows) {
    topic_width = std::max(topic_width, characters(fitted(row.topic, size.columns)));
  }
  const std::size_t texts = size.columns > layout.width() ? size.columns - layout.width() : 0;
  // In a narrow window the topic matters more than what came on it.
  const std::size_t widest = layout.is_whole() ? texts * 2 / 3 : texts;
  topic_width = std::min(topic_width, std::max(narrowest_topic, widest));

  out += home;
  append_line(out, title(broker, stats.topics(), size.columns), size.columns);
  out += "\r\n";
  out += reverse;
  append_line(out, layout.headings() + fmt::format("{:<{}} payload", "topic", topic_width),
              size.columns);
  out += plain;
  for (const TopicStats::Row& row : rows) {
    std::string topic = fitted(row.topic, topic_width);
    topic.append(topic_width - characters(topic), ' ');
    const std::string line = layout.figures(*row.figures) + topic + ' ';
    out += "\r\n";
    out += cut(line, size.columns);
    const std::size_t used = characters(line);
    if (used < size.columns) out += fitted(row.figures->payload, size.columns - used);
    out += clear_line_end;
  }
  out += "\r\n";
  append_line(out, layout.figures(stats.all()) + "all", size.columns);
  out += clear_below;
}

}  // namespace sub
