#include "pub/source/csv_reader.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using pub::CsvReader;

namespace {

using Record = std::vector<std::string>;

struct Reading {
  std::vector<Record> records;
  std::vector<std::size_t> lines;
  std::string error;
};

/// All records of `text`, which comes in chunks of so many bytes.
Reading read(std::string_view text, std::size_t chunk) {
  Reading reading;
  CsvReader reader;
  for (;;) {
    switch (reader.next()) {
      case CsvReader::Step::record:
        reading.records.push_back(reader.fields());
        reading.lines.push_back(reader.line());
        continue;
      case CsvReader::Step::error:
        reading.error = std::to_string(reader.line()) + ": " + reader.error();
        return reading;
      case CsvReader::Step::more:
        break;
    }
    if (text.empty()) return reading;
    reader.feed(text.substr(0, chunk));
    text.remove_prefix(std::min(chunk, text.size()));
    if (text.empty()) reader.finish();
  }
}

/// The same, however the text is cut.
Reading read(std::string_view text) {
  const Reading whole = read(text, text.size() + 1);
  for (std::size_t chunk = 1; chunk <= 7; ++chunk) {
    CAPTURE(chunk);
    const Reading cut = read(text, chunk);
    CHECK(cut.records == whole.records);
    CHECK(cut.lines == whole.lines);
    CHECK(cut.error == whole.error);
  }
  return whole;
}

std::vector<Record> records_of(std::string_view text) {
  const Reading reading = read(text);
  CHECK(reading.error.empty());
  return reading.records;
}

}  // namespace

TEST_CASE("A CSV file is lines of fields between commas", "[csv]") {
  CHECK(records_of("a,b\nc,d\n") == std::vector<Record>{{"a", "b"}, {"c", "d"}});
  CHECK(records_of("a,b\r\nc,d\r\n") == std::vector<Record>{{"a", "b"}, {"c", "d"}});
  SECTION("the last line needs no end") {
    CHECK(records_of("a\nb") == std::vector<Record>{{"a"}, {"b"}});
    CHECK(records_of("a,") == std::vector<Record>{{"a", ""}});
    CHECK(records_of("a\r") == std::vector<Record>{{"a"}});
  }
  SECTION("fields may be empty, and blanks are part of them") {
    CHECK(records_of(",\n a , b\n") == std::vector<Record>{{"", ""}, {" a ", " b"}});
  }
  SECTION("blank lines are no records") {
    CHECK(records_of("\n\r\na\n\n\nb\n") == std::vector<Record>{{"a"}, {"b"}});
    CHECK(records_of("").empty());
  }
}

TEST_CASE("A field in quotes may hold everything", "[csv]") {
  CHECK(records_of("\"a,b\",c\n") == std::vector<Record>{{"a,b", "c"}});
  CHECK(records_of("\"say \"\"hi\"\"\"\n") == std::vector<Record>{{"say \"hi\""}});
  CHECK(records_of("\"two\r\nlines\",x\r\n") == std::vector<Record>{{"two\r\nlines", "x"}});
  CHECK(records_of("\"\"\n") == std::vector<Record>{{""}});
  CHECK(records_of("\"end\"") == std::vector<Record>{{"end"}});
}

TEST_CASE("A record is known by the line where it begins", "[csv]") {
  CHECK(read("a\n\n\"x\ny\"\nb\n").lines == std::vector<std::size_t>{1, 3, 5});
}

TEST_CASE("What is no CSV is an error with its line", "[csv]") {
  CHECK_THAT(read("a\nb\"c\n").error, Catch::StartsWith("2: a quote stands inside"));
  CHECK_THAT(read("a\n\"b\"c\n").error, Catch::StartsWith("2: text follows the closing quote"));
  CHECK_THAT(read("a\n\"b\n\n").error, Catch::EndsWith("the quotes of a field are not closed"));
  CHECK_THAT(read("a\rb\n").error, Catch::StartsWith("1: a carriage return"));
  SECTION("what stands before it is read") {
    CHECK(read("a\nb\"c\n").records == std::vector<Record>{{"a"}});
  }
}

TEST_CASE("Fields beyond the limit are an error before they are kept", "[csv]") {
  CsvReader reader;
  reader.limit_fields(2);
  reader.feed("a,b\nc,d,e\n");
  CHECK(reader.next() == CsvReader::Step::record);
  CHECK(reader.next() == CsvReader::Step::error);
  CHECK(reader.error() == "there are more than 2 fields");
}
