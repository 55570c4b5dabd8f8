#include "spelling/nearest_word.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

using spelling::edit_distance;
using spelling::nearest_word;

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

TEST_CASE("The nearest word is found in whatever case, and from its beginning") {
  constexpr std::array<std::string_view, 4> words{"error", "warning", "websockets", "wide"};
  CHECK(spelling::nearest_word("Error", words) == "error");
  CHECK(spelling::nearest_word("WARNING", words) == "warning");
  CHECK(spelling::nearest_word("warn", words) == "warning");
  CHECK(spelling::nearest_word("webskets", words) == "websockets");
  constexpr std::array<std::string_view, 2> mixed{"TLSv1.2", "ACL"};
  CHECK(nearest_word("tlsv1.3", mixed) == "TLSv1.2");
  CHECK(nearest_word("acl", mixed) == "ACL");
  SECTION("which has to be that of one word alone, and three characters long") {
    CHECK(spelling::nearest_word("wi", words).empty());
    constexpr std::array<std::string_view, 2> alike{"max_connections", "max_keepalive"};
    CHECK(spelling::nearest_word("max_", alike).empty());
  }
}
