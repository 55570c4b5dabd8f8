#include "sub/topic_group.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

std::string group(std::string_view topic, std::size_t depth) {
  std::string scratch;
  return std::string(sub::topic_group(topic, depth, scratch));
}

}  // namespace

TEST_CASE("Topics are taken together by their first levels") {
  CHECK(group("a/b/c", 0) == "a/b/c");
  CHECK(group("a/b/c", 1) == "a/#");
  CHECK(group("a/b/c", 2) == "a/b/#");
  CHECK(group("a/b/c", 3) == "a/b/c");
  CHECK(group("a", 1) == "a");
  CHECK(group("/a", 1) == "/#");
  CHECK(group("a/", 1) == "a/#");
  CHECK(group("a/", 2) == "a/");
}
