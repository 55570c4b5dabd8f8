#include "cli/output/json_writer.h"

#include <catch2/catch.hpp>
#include <string>

#include "cli/output/json_copy.h"

namespace {

using Style = cli::JsonWriter::Style;

std::string copied(std::string_view text, Style style = Style::compact) {
  std::string out;
  cli::JsonWriter writer(out, style);
  return cli::copy_json(text, writer) ? out : "not JSON";
}

}  // namespace

TEST_CASE("JSON is written again without spaces, its keys in their order") {
  CHECK(copied(R"( { "b" : 1 , "a":[ true , false , null ] , "b":{} } )") ==
        R"({"b":1,"a":[true,false,null],"b":{}})");
  CHECK(copied(R"("\u00e9\/\u0001\t\"\\")") == "\"\u00e9/\\u0001\\t\\\"\\\\\"");
  CHECK(copied("[]") == "[]");
  CHECK(copied("7") == "7");
}

TEST_CASE("Numbers have 15 digits, or 17 where 15 are too few") {
  CHECK(copied("[1.0,1.10,-0.5,1e-7]") == "[1,1.1,-0.5,1e-07]");
  CHECK(copied("[999999999999999,1000000000000000,1e15]") == "[999999999999999,1e+15,1e+15]");
  CHECK(copied("123456789012345678") == "1.2345678901234568e+17");
  CHECK(copied("0.1") == "0.1");
  CHECK(copied("-42") == "-42");
}

TEST_CASE("Only one whole JSON value is JSON") {
  for (const char* text : {"", " ", "{", "{} {}", "1 2", "[1,]", "{\"a\"}", "nul", "'a'", "\xFF"}) {
    INFO(text);
    CHECK(copied(text) == "not JSON");
  }
}

TEST_CASE("Pretty JSON is indented by tabs, arrays stay on their line") {
  CHECK(copied(R"({"a":1,"b":[1,2,{"x":{}}],"k":[],"s":"t"})", Style::pretty) ==
        "{\n"
        "\t\"a\":\t1,\n"
        "\t\"b\":\t[1, 2, {\n"
        "\t\t\t\"x\":\t{\n"
        "\t\t\t}\n"
        "\t\t}],\n"
        "\t\"k\":\t[],\n"
        "\t\"s\":\t\"t\"\n"
        "}");
  CHECK(copied("[{\"a\":1},{\"b\":2}]", Style::pretty) ==
        "[{\n"
        "\t\t\"a\":\t1\n"
        "\t}, {\n"
        "\t\t\"b\":\t2\n"
        "\t}]");
}

TEST_CASE("Strings may hold any bytes") {
  std::string out;
  cli::JsonWriter writer(out, Style::compact);
  writer.string(std::string_view("a\0b\x1f\x7f\xff/\b\f\n\r", 11));
  CHECK(out == "\"a\\u0000b\\u001f\x7f\xff/\\b\\f\\n\\r\"");
}

TEST_CASE("Integers keep all their digits") {
  std::string out;
  cli::JsonWriter writer(out, Style::compact);
  writer.begin_array();
  writer.integer(UINT64_MAX);
  writer.signed_integer(INT64_MIN);
  writer.end_array();
  CHECK(out == "[18446744073709551615,-9223372036854775808]");
}

TEST_CASE("Deep nesting costs no stack") {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  CHECK(copied(deep) == deep);
}
