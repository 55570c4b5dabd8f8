#include "session/topic_map.h"

#include <catch2/catch.hpp>
#include <string>

using broker::TopicMap;

TEST_CASE("a topic is put below a mount point and taken from there") {
  std::string scratch;
  CHECK(TopicMap("home/").to_local("a", scratch)->text() == "home/a");
  CHECK(TopicMap("home").to_local("/a", scratch)->text() == "home/a");
  CHECK(TopicMap("home/").to_remote("home/a") == "a");
  SECTION("without one it stays") {
    CHECK(TopicMap("").to_local("a", scratch)->text() == "a");
    CHECK(TopicMap("").to_remote("a") == "a");
  }
  SECTION("not if it does not fit") {
    CHECK_FALSE(TopicMap("home/").to_local(std::string(65535, 'x'), scratch));
    CHECK(TopicMap("home/").to_local(std::string(65530, 'x'), scratch));
    CHECK_FALSE(TopicMap("a/").to_local(std::string(200, '/'), scratch));
  }
  SECTION("not if it is elsewhere, or nothing is left of it") {
    CHECK_FALSE(TopicMap("home/").to_remote("homes"));
    CHECK_FALSE(TopicMap("home/").to_remote("home/"));
    CHECK_FALSE(TopicMap("home/").to_remote("home"));
  }
}

TEST_CASE("a filter is put below a mount point, behind the name of its group") {
  CHECK(TopicMap("home/").filter_to_local("a/#") == "home/a/#");
  CHECK(TopicMap("home/").filter_to_local("$SYS/#") == "home/$SYS/#");
  CHECK(TopicMap("home/").filter_to_local("$share/g/a") == "$share/g/home/a");
  CHECK(TopicMap("home/").filter_to_local("$shared/g/a") == "home/$shared/g/a");
  CHECK(TopicMap("").filter_to_local("$share/g/a") == "$share/g/a");
}
