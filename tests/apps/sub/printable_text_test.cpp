#include "sub/printable_text.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace {

std::string printable(std::string_view text) {
  std::string out;
  sub::append_printable(out, text);
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

TEST_CASE("Bytes that are not UTF-8 are written out one by one") {
  CHECK(printable("\xFFx\xC3") == "\\xffx\\xc3");
  CHECK(printable("\xC0\xAF") == "\\xc0\\xaf");           // overlong
  CHECK(printable("\xED\xA0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  CHECK(printable("\xF4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK_FALSE(sub::is_utf8("a\x80"));
  CHECK(sub::is_utf8("a\n\xF0\x9F\x8C\xA1"));
}
