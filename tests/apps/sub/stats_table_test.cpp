#include "sub/stats_table.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

using cli::WindowSize;
using sub::TopicStats;

namespace {

/// The lines of the table, without what only moves the cursor and colours.
std::vector<std::string> table(const TopicStats& stats, WindowSize size) {
  std::string text;
  sub::append_stats_table(text, stats, TopicStats::Order::topic, size, "host:1883");
  CHECK(text.starts_with("\x1B[H"));
  CHECK(text.ends_with("\x1B[J"));
  for (const std::string_view escape : {"\x1B[H", "\x1B[K", "\x1B[J", "\x1B[7m", "\x1B[0m"}) {
    for (std::size_t found = 0; (found = text.find(escape)) != std::string::npos;) {
      text.erase(found, escape.size());
    }
  }
  std::vector<std::string> lines{""};
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else if (c != '\r') {
      lines.back() += c;
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("The table has a title, a heading, a row for each topic and the sums") {
  TopicStats stats;
  stats.add("a/b", "hello", {0, 0});
  for (int i = 0; i < 1500; ++i) stats.add("a/long/topic", std::string(1000, 'x'), {0, 0});
  stats.end_interval(1);
  const auto lines = table(stats, {24, 90});
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("host:1883: 2 topics "));
  CHECK(lines[1].starts_with(" messages  per sec   bytes per sec     last topic"));
  CHECK(lines[2].starts_with("        1        1       5       5 "));
  CHECK(lines[2].ends_with(" a/b          hello"));
  CHECK(lines[3].starts_with("     1500     1.5k    1.5M    1.5M "));
  CHECK(lines[4].starts_with("     1501     1.5k    1.5M    1.5M "));
  CHECK(lines[4].ends_with(" all"));
}

TEST_CASE("The table fits its window, however small") {
  TopicStats stats;
  for (int i = 0; i < 100; ++i) {
    stats.add("topic/" + std::to_string(i), std::string(100, 'x') + "äöü", {0, 0});
  }
  for (const WindowSize size : {WindowSize{10, 60}, WindowSize{4, 20}, WindowSize{1, 1}}) {
    const auto lines = table(stats, size);
    CHECK(lines.size() <= std::max<std::size_t>(size.rows, 3));
    for (const std::string& line : lines) CHECK(line.size() <= size.columns);
  }
}

TEST_CASE("A narrow window keeps the topic, and gives up figures for it") {
  TopicStats stats;
  stats.add("home/kitchen/temperature", "21.5", {0, 0});
  stats.end_interval(1);
  const auto narrow = table(stats, {24, 40});
  CHECK(narrow[0] == "host:1883: 1 topics");
  CHECK(narrow[1] == " per sec topic                    payloa");
  CHECK(narrow[2] == "       1 home/kitchen/temperature 21.5");
  CHECK(narrow[3] == "       1 all");
  const auto middle = table(stats, {24, 60});
  CHECK(middle[0] == "host:1883: 1 topics   sort: r m b l t   quit: q");
  CHECK(middle[1].starts_with(" messages  per sec   bytes     last topic"));
  CHECK(middle[2].find("home/kitchen/temperature") != std::string::npos);
}

TEST_CASE("What peers send is no command to the terminal") {
  TopicStats stats;
  stats.add("a\x1B[2J", "\x1B]0;title\x07\n\xC2\x9B", {0, 0});
  const auto lines = table(stats, {24, 120});
  REQUIRE(lines.size() == 4);
  CHECK(lines[2].ends_with("a\\x1b[2J     \\x1b]0;title\\x07\\n\\xc2\\x9b"));
}
