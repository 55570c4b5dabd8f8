#include "session/mount_point.h"

#include <catch2/catch.hpp>
#include <string>

using broker::mounted_filter;
using broker::mounted_topic;
using broker::unmounted_topic;

TEST_CASE("a topic is put below a mount point and taken from there") {
  std::string scratch;
  CHECK(mounted_topic("home/", "a", scratch)->text() == "home/a");
  CHECK(mounted_topic("home", "/a", scratch)->text() == "home/a");
  CHECK(unmounted_topic("home/", "home/a") == "a");
  SECTION("without one it stays") {
    CHECK(mounted_topic("", "a", scratch)->text() == "a");
    CHECK(unmounted_topic("", "a") == "a");
  }
  SECTION("not if it does not fit") {
    CHECK_FALSE(mounted_topic("home/", std::string(65535, 'x'), scratch));
    CHECK(mounted_topic("home/", std::string(65530, 'x'), scratch));
    CHECK_FALSE(mounted_topic("a/", std::string(200, '/'), scratch));
  }
  SECTION("not if it is elsewhere, or nothing is left of it") {
    CHECK_FALSE(unmounted_topic("home/", "homes"));
    CHECK_FALSE(unmounted_topic("home/", "home/"));
    CHECK_FALSE(unmounted_topic("home/", "home"));
  }
}

TEST_CASE("a filter is put below a mount point, behind the name of its group") {
  CHECK(mounted_filter("home/", "a/#") == "home/a/#");
  CHECK(mounted_filter("home/", "$SYS/#") == "home/$SYS/#");
  CHECK(mounted_filter("home/", "$share/g/a") == "$share/g/home/a");
  CHECK(mounted_filter("home/", "$shared/g/a") == "home/$shared/g/a");
  CHECK(mounted_filter("", "$share/g/a") == "$share/g/a");
}
