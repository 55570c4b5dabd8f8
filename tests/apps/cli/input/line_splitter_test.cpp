#include "cli/input/line_splitter.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

/// All lines of `text` when it arrives in pieces of `piece` bytes.
std::vector<std::string> lines_of(std::string_view text, std::size_t piece) {
  std::vector<std::string> lines;
  cli::LineSplitter splitter;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    splitter.feed(text.substr(at, piece));
    while (const auto line = splitter.next()) lines.emplace_back(*line);
  }
  if (const auto line = splitter.last_line()) lines.emplace_back(*line);
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("Lines come out whole, however the bytes arrive") {
  const std::string long_line(10'000, 'x');
  const std::string text = "one\n\ntwo\r\n" + std::string("nu\0l", 4) + "\n" + long_line + "\nlast";
  const Lines expected{"one", "", "two\r", std::string("nu\0l", 4), long_line, "last"};
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 4096U, 100'000U}) {
    INFO("pieces of " << piece);
    CHECK(lines_of(text, piece) == expected);
  }
}

TEST_CASE("The end of input is a line only if something came behind the last newline") {
  CHECK(lines_of("", 1).empty());
  CHECK(lines_of("a\n", 1) == Lines{"a"});
  CHECK(lines_of("a\nb", 1) == Lines{"a", "b"});
  CHECK(lines_of("\n", 1) == Lines{""});
}

TEST_CASE("A splitter can stop within a chunk and go on later") {
  cli::LineSplitter splitter;
  splitter.feed("a");
  CHECK_FALSE(splitter.next());
  splitter.feed("b\nc\nd");
  CHECK(splitter.next() == "ab");
  CHECK(splitter.next() == "c");
  CHECK_FALSE(splitter.next());
  CHECK(splitter.unfinished_size() == 1);
  CHECK(splitter.last_line() == "d");
  CHECK_FALSE(splitter.last_line());
  CHECK(splitter.unfinished_size() == 0);
}
