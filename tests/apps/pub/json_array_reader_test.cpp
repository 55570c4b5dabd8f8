#include "pub/source/json_array_reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

using pub::JsonArrayReader;

namespace {

/// The objects, each with its line, and the error at the end if there is one.
std::vector<std::string> read(std::string_view text, std::size_t chunk) {
  std::vector<std::string> found;
  JsonArrayReader reader;
  bool finished = false;
  for (;;) {
    switch (reader.next()) {
      case JsonArrayReader::Step::object:
        found.push_back(std::to_string(reader.line()) + ": " + reader.object());
        break;
      case JsonArrayReader::Step::error:
        found.push_back(std::to_string(reader.line()) + ": error: " + reader.error());
        return found;
      case JsonArrayReader::Step::more:
        if (finished) return found;
        finished = text.empty();
        if (finished) {
          reader.finish();
        } else {
          reader.feed(text.substr(0, chunk));
          text.remove_prefix(std::min(chunk, text.size()));
        }
    }
  }
}

std::vector<std::string> read(std::string_view text) {
  const auto whole = read(text, 1'000'000);
  CHECK(read(text, 1) == whole);
  return whole;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("An array is cut into its objects, however they are written") {
  CHECK(read("[]").empty());
  CHECK(read(" [ ]\n").empty());
  CHECK(read(R"([{"a":1},{"b":[{"c":"]}"}]}])") ==
        Texts{R"(1: {"a":1})", R"(1: {"b":[{"c":"]}"}]})"});
  CHECK(read("\n[\n  {\n    \"a\": \"\\\"}\\\\\"\n  },\r\n  {}\n]\n") ==
        Texts{"3: {\n    \"a\": \"\\\"}\\\\\"\n  }", "6: {}"});
}

TEST_CASE("What is no array of objects is told with its line") {
  CHECK(read("[1]") == Texts{"1: error: an element of the array is not an object"});
  CHECK(read("[{},\n]") == Texts{"1: {}", "2: error: an element of the array is not an object"});
  CHECK(read("[{}\n{}]") == Texts{"1: {}", "2: error: a ',' or the ']' of the array is missing"});
  CHECK(read("[{}") == Texts{"1: {}", "1: error: the array is not closed by a ']'"});
  CHECK(read("[{\"a\":") == Texts{"1: error: the array is not closed by a ']'"});
  CHECK(read("[] x") == Texts{"1: error: text follows the array"});
  CHECK(read("") == Texts{"1: error: the array is not closed by a ']'"});
}
