#include "cli/output/json_members.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using cli::json_members;

namespace {

std::vector<std::string> shown(std::string_view text) {
  std::vector<std::string> rows;
  const auto members = json_members(text);
  REQUIRE(members);
  for (const cli::JsonMember& member : *members) {
    rows.push_back(member.name + (member.is_string ? " is " : " = ") + member.text);
  }
  return rows;
}

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("An object is cut into its members", "[json]") {
  CHECK(shown("{}").empty());
  CHECK(shown(R"( { "a" : 1 , "b":"x" } )") == Rows{"a = 1", "b is x"});
  CHECK(shown(R"({"n":null,"t":true,"d":-1.50e+3})") ==
        Rows{"n = null", "t = true", "d = -1.50e+3"});
  SECTION("nested values stay as they are") {
    CHECK(shown(R"({"o":{"a":[1,{"b":"}]\""}]},"l":[ ],"z":0})") ==
          Rows{R"(o = {"a":[1,{"b":"}]\""}]})", "l = [ ]", "z = 0"});
  }
  SECTION("strings lose their escapes, names too") {
    CHECK(shown(R"({"\u0061\"":"\\\"\n\u00e9\ud83d\ude00"})") ==
          Rows{"a\" is \\\"\n\u00e9\U0001F600"});
  }
  SECTION("a number keeps every digit") {
    CHECK(shown(R"({"n":123456789012345678901234567890.10})") ==
          Rows{"n = 123456789012345678901234567890.10"});
  }
}

TEST_CASE("What is no object has no members", "[json]") {
  for (const char* const text :
       {"", " ", "[]", "1", "{", "{\"a\"}", "{} x", "{\"a\":1,}", "{a:1}"}) {
    CAPTURE(text);
    CHECK_FALSE(json_members(text));
  }
}
