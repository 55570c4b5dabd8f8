#include "cli/output/terminal_style.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "cli/options/choice.h"

using cli::When;

namespace {

std::string coloured(std::string text, std::size_t begin = 0) {
  cli::colour_json_keys(text, begin);
  return text;
}

/// Keys between [ and ], for the eye.
std::string shown(std::string text) {
  for (const auto& [sequence, mark] : {std::pair{cli::colour::key, "["}, {cli::colour::end, "]"}}) {
    for (std::size_t at = 0; (at = text.find(sequence)) != std::string::npos;) {
      text.replace(at, sequence.size(), mark);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("The keys of JSON are coloured, and nothing else") {
  CHECK(shown(coloured(R"({"a":{"b\"c":"d:\""},"e":"f"})")) ==
        R"({["a"]:{["b\"c"]:"d:\""},["e"]:"f"})");
  CHECK(coloured("\"text\"\n") == "\"text\"\n");
  CHECK(coloured("\"open") == "\"open");
  CHECK(shown(coloured("\"x\": {\"a\":1}", 5)) == "\"x\": {[\"a\"]:1}");
}

TEST_CASE("The first word of a complaint is coloured") {
  const std::string text = cli::coloured_complaint("Error: x\nWarning: y\nz\n");
  CHECK(text == "\x1B[31mError:\x1B[0m x\n\x1B[33mWarning:\x1B[0m y\nz\n");
}

TEST_CASE("Colours and safety follow the terminal unless told otherwise") {
  const int no_terminal = -1;
  CHECK(cli::is_coloured_output(When::always, no_terminal));
  CHECK_FALSE(cli::is_coloured_output(When::automatic, no_terminal));
  CHECK(cli::is_safe_output(When::always, no_terminal));
  CHECK_FALSE(cli::is_safe_output(When::automatic, no_terminal));
  CHECK(cli::when("never") == When::never);
}

TEST_CASE("A word that is no choice is answered with those that are") {
  CHECK(cli::when("autp").error() ==
        "\"autp\" is none of auto, always and never, did you mean \"auto\"?");
  const cli::Choices<int, 2> two{{{"table", 1}, {"json", 2}}};
  CHECK(cli::choose("x", two).error() == "\"x\" is neither table nor json");
  CHECK(cli::choose("json", two) == 2);
}
