#include "pub/source/row_reader.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using pub::Field;
using pub::Row;
using pub::RowReader;

namespace {

struct Reading {
  std::vector<Row> rows;
  std::string error;
};

Reading read(std::string_view text, std::size_t chunk = 1'000'000, RowReader reader = RowReader()) {
  Reading reading;
  bool finished = false;
  for (;;) {
    const RowReader::Step step = reader.next();
    if (step == RowReader::Step::row) {
      reading.rows.push_back(reader.row());
    } else if (step == RowReader::Step::error) {
      reading.error = std::to_string(reader.error_line()) + ": " + reader.error();
      return reading;
    } else if (!text.empty()) {
      reader.feed(text.substr(0, chunk));
      text.remove_prefix(std::min(chunk, text.size()));
    } else if (finished) {
      return reading;
    } else {
      reader.finish();
      finished = true;
    }
  }
}

std::vector<std::string> jsons_of(std::string_view text, std::size_t chunk = 1'000'000) {
  std::vector<std::string> jsons;
  for (const Row& row : read(text, chunk).rows) jsons.push_back(row.as_json());
  return jsons;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("The header of a CSV file names the fields of each row", "[rows]") {
  const Reading reading = read("site,value\nA,1.50\n\nB,\"x\"\"y\"\n");
  REQUIRE(reading.rows.size() == 2);
  CHECK(reading.error.empty());
  CHECK(reading.rows[0].fields ==
        std::vector<Field>{{"site", "A", false}, {"value", "1.50", false}});
  CHECK(reading.rows[0].line == 2);
  CHECK(reading.rows[0].as_json() == R"({"site":"A","value":"1.50"})");
  CHECK(reading.rows[1].line == 4);
  CHECK(reading.rows[1].as_json() == R"({"site":"B","value":"x\"y"})");
}

TEST_CASE("If the first character is a brace, each line is a JSON object", "[rows]") {
  const Reading reading =
      read("{\"a\": 1.50, \"b\": {\"c\": [1, \"}\"]}}\n\n  {\"a\":\"x\\u00e9\"}  ");
  REQUIRE(reading.rows.size() == 2);
  CHECK(reading.error.empty());
  CHECK(reading.rows[0].fields ==
        std::vector<Field>{{"a", "1.50", true}, {"b", "{\"c\": [1, \"}\"]}", true}});
  CHECK(reading.rows[0].as_json() == "{\"a\": 1.50, \"b\": {\"c\": [1, \"}\"]}}");
  CHECK(reading.rows[1].fields == std::vector<Field>{{"a", "x\u00e9", false}});
  CHECK(reading.rows[1].line == 3);
}

TEST_CASE("If the first character is a bracket, all of it is an array of objects", "[rows]") {
  const Reading reading = read("\xEF\xBB\xBF\n[\n {\"a\": 1},\n {\"a\":\n \"x\"}]\n");
  CHECK(reading.error.empty());
  REQUIRE(reading.rows.size() == 2);
  CHECK(reading.rows[0].line == 3);
  CHECK(reading.rows[0].fields == std::vector<Field>{{"a", "1", true}});
  CHECK(reading.rows[1].as_json() == "{\"a\":\n \"x\"}");
  CHECK(read("[{\"a\":}]").error == "1: the element of the array is not a JSON object");
  CHECK(read("[{},2]").error == "1: an element of the array is not an object");
}

TEST_CASE("A delimiter of its own makes it a CSV file, whatever it begins with", "[rows]") {
  const Reading reading = read("[a];b,c\n\"1;2\";3\n", 1'000'000, RowReader(';'));
  CHECK(reading.error.empty());
  REQUIRE(reading.rows.size() == 1);
  CHECK(reading.rows[0].fields == std::vector<Field>{{"[a]", "1;2", false}, {"b,c", "3", false}});
  CHECK(read("a\tb\n1\t2\n", 1, RowReader('\t')).rows.size() == 1);
}

TEST_CASE("What has not become rows is known at every moment", "[rows]") {
  for (const std::string text : {"a,b\n1,2\n3,4\n", "{\"a\":1}\n{\"a\":2}\n", "[{},{}] "}) {
    RowReader reader;
    reader.feed(text);
    CHECK(reader.next() == RowReader::Step::row);
    const std::size_t after_one = reader.unread_size();
    CHECK(after_one < text.size());
    CHECK(reader.next() == RowReader::Step::row);
    CHECK(reader.unread_size() < after_one);
    CHECK(reader.next() == RowReader::Step::more);
    CHECK(reader.unread_size() == 0);
  }
}

TEST_CASE("It does not matter in which pieces rows arrive", "[rows]") {
  const std::string csv =
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"2\n3\"\r\n4,5";
  const std::string json = "\xEF\xBB\xBF\n \n{\"a\":1}\n{\"a\":2}";
  for (std::size_t chunk = 1; chunk < 12; ++chunk) {
    CAPTURE(chunk);
    CHECK(jsons_of(csv, chunk) == Texts{R"({"a":"1","b":"2\n3"})", R"({"a":"4","b":"5"})"});
    CHECK(jsons_of(json, chunk) == Texts{R"({"a":1})", R"({"a":2})"});
    CHECK(read(json, chunk).rows[1].line == 4);
  }
}

TEST_CASE("An empty input, or a header alone, has no rows", "[rows]") {
  for (const char* const text : {"", "\n\n", "a,b\n", "\xEF\xBB\xBF"}) {
    CAPTURE(text);
    CHECK(read(text).rows.empty());
    CHECK(read(text).error.empty());
  }
}

TEST_CASE("A row that cannot be read is an error with its line", "[rows]") {
  CHECK(read("a,b\n1\n").error == "2: the row has 1 fields, but the header names 2");
  CHECK(read("a,b\n1,2,3\n").error == "2: there are more than 2 fields");
  CHECK(read("a,a\n").error == "1: the header names \"a\" twice");
  CHECK(read("a,\n").error == "1: a field of the header has no name");
  CHECK(read("{\"a\":1}\n\n{\"a\":}\n").error == "3: the line is not a JSON object");
  CHECK(read("{\"a\":1}\n[1]\n").error == "2: the line is not a JSON object");
  CHECK(read("{\"a\":1} x\n").error == "1: the line is not a JSON object");
  SECTION("and the rows before it are there") {
    CHECK(read("{\"a\":1}\n[1]\n").rows.size() == 1);
  }
}

TEST_CASE("Of a name that stands twice in an object the last value counts", "[rows]") {
  const Reading reading = read(R"({"a":1,"a":2})");
  REQUIRE(reading.rows.size() == 1);
  CHECK(reading.rows[0].find("a")->text == "2");
  CHECK(reading.rows[0].find("b") == nullptr);
}
