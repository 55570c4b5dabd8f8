#include "config/nearest_word.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

using broker::edit_distance;
using broker::nearest_word;

TEST_CASE("The distance of two words counts single mistakes") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("port", "port") == 0);
  CHECK(edit_distance("", "port") == 4);
  CHECK(edit_distance("prt", "port") == 1);
  CHECK(edit_distance("portt", "port") == 1);
  CHECK(edit_distance("part", "port") == 1);
  CHECK(edit_distance("prot", "port") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("The nearest word is one that was probably meant") {
  constexpr std::array<std::string_view, 4> words{"listener", "log_type", "log_dest", "port"};
  CHECK(nearest_word("listner", words) == "listener");
  CHECK(nearest_word("logtype", words) == "log_type");
  CHECK(nearest_word("prot", words) == "port");
  SECTION("or none") {
    CHECK(nearest_word("frobnicate", words).empty());
    CHECK(nearest_word("", words).empty());
    CHECK(nearest_word(std::string(1000, 'l'), words).empty());
  }
}
