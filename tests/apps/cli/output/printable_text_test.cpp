#include "cli/output/printable_text.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace {

std::string printable(std::string_view text) {
  std::string out;
  cli::append_printable(out, text);
  return out;
}

}  // namespace

TEST_CASE("Text is printed as it is, with what a terminal would obey written out") {
  CHECK(printable("21.5 °C \U0001F321") == "21.5 °C \U0001F321");
  CHECK(printable("a\n\tb\\\r") == "a\\n\\tb\\\\\\r");
  CHECK(printable("\x1B[2J") == "\\x1b[2J");
  CHECK(printable(std::string_view("\0\x7F", 2)) == "\\x00\\x7f");
  CHECK(printable("\xC2\x9B") == "\\xc2\\x9b");  // CSI of one code point
  CHECK(printable("\xC2\xA0") == "\xC2\xA0");
}

TEST_CASE("Controls in a text are written out, what can be read stays as it is") {
  const auto safe = [](std::string text, std::size_t begin = 0) {
    cli::escape_controls(text, begin);
    return text;
  };
  CHECK(safe("a\\b \n\tc\r\n ä\U0001F321") == "a\\b \n\tc\r\n ä\U0001F321");
  CHECK(safe("\x1B]0;title\x07") == "\\x1b]0;title\\x07");
  CHECK(safe("50 %\rdone") == "50 %\\x0ddone");  // it would overwrite the line
  CHECK(safe("\xC2\x9B"
             "2J\x7F") == "\\u009b2J\\u007f");
  CHECK(safe("\xFF\xC3") == "\\xff\\xc3");
  CHECK(safe("\x9B"
             "31m") == "\\x9b31m");  // CSI of one byte
  CHECK(safe(std::string("\0", 1)) == "\\x00");
  CHECK(safe("\x1B[0m\x1B[0m", 4) == "\x1B[0m\\x1b[0m");
}

TEST_CASE("Bytes that are not UTF-8 are written out one by one") {
  CHECK(printable("\xFFx\xC3") == "\\xffx\\xc3");
  CHECK(printable("\xC0\xAF") == "\\xc0\\xaf");           // overlong
  CHECK(printable("\xED\xA0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  CHECK(printable("\xF4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK_FALSE(cli::is_utf8("a\x80"));
  CHECK(cli::is_utf8("a\n\xF0\x9F\x8C\xA1"));
}
