#include "config/directive_value.h"

#include <catch2/catch.hpp>
#include <string>

using broker::next_token;
using broker::parse_boolean;
using broker::parse_integer;
using broker::parse_lifetime_s;
using broker::parse_string;

TEST_CASE("A token reaches from the first character that is no space to the next space") {
  CHECK(next_token("listener 1883").text == "listener");
  CHECK(next_token("listener 1883").rest == " 1883");
  CHECK(next_token("   1883   host").text == "1883");
  CHECK(next_token("one").rest.empty());
  CHECK(next_token("").text.empty());
  CHECK(next_token("    ").text.empty());
  CHECK(next_token("persistence\ttrue").text == "persistence\ttrue");
}

TEST_CASE("A boolean is one of four words") {
  CHECK(parse_boolean("true") == true);
  CHECK(parse_boolean("1") == true);
  CHECK(parse_boolean("false") == false);
  CHECK(parse_boolean("0") == false);
  for (const char* refused : {"", "TRUE", "True", "yes", "on", "2", "true\t", "00"}) {
    CAPTURE(refused);
    CHECK_FALSE(parse_boolean(refused));
  }
}

TEST_CASE("An integer is written as in C and has 32 bits") {
  CHECK(parse_integer("10") == 10);
  CHECK(parse_integer("-10") == -10);
  CHECK(parse_integer("+7") == 7);
  CHECK(parse_integer("0x10") == 16);
  CHECK(parse_integer("010") == 8);
  CHECK(parse_integer("\t5") == 5);
  CHECK(parse_integer("2147483647") == 2147483647);
  CHECK(parse_integer("-2147483648") == -2147483647 - 1);
  for (const char* refused : {"", "x", "10x", "1.5", "0x", "2147483648", "-2147483649",
                              "99999999999999999999", "5\t", "--1", "1 "}) {
    CAPTURE(refused);
    CHECK_FALSE(parse_integer(refused));
  }
}

TEST_CASE("A lifetime is a number from 1 and a unit, in seconds") {
  CHECK(parse_lifetime_s("5s") == 5U);
  CHECK(parse_lifetime_s("2h") == 7200U);
  CHECK(parse_lifetime_s("3d") == 3U * 86400U);
  CHECK(parse_lifetime_s("2w") == 14U * 86400U);
  CHECK(parse_lifetime_s("1m") == 30U * 86400U);
  CHECK(parse_lifetime_s("1y") == 365U * 86400U);
  SECTION("and longer than the protocol can say is as long as it can say") {
    CHECK(parse_lifetime_s("1000y") == broker::longest_lifetime_s);
    CHECK(parse_lifetime_s("4294967295s") == broker::longest_lifetime_s);
    CHECK(parse_lifetime_s("4294967295y") == broker::longest_lifetime_s);
  }
  for (const char* refused :
       {"", "s", "0d", "-1d", "5", "5x", "5 d", "5dd", "1.5h", "4294967296s"}) {
    CAPTURE(refused);
    CHECK_FALSE(parse_lifetime_s(refused));
  }
}

TEST_CASE("A string is the rest of the line without blanks at its ends") {
  CHECK(parse_string("  a b # c \t") == "a b # c");
  CHECK(parse_string("\t\v x \f") == "x");
  CHECK_FALSE(parse_string(""));
  CHECK_FALSE(parse_string(" \t "));
  CHECK(parse_string("gr\u00fc\u00df") == "gr\u00fc\u00df");
  CHECK_FALSE(parse_string("\xC3"));
  CHECK_FALSE(parse_string("a\x01z"));
  CHECK(parse_string(std::string(65535, 'x')));
  CHECK_FALSE(parse_string(std::string(65536, 'x')));
}
