#include "admin/subscription_listing.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using broker::ListedSubscription;
using broker::write_tree;

namespace {

std::string tree(std::vector<ListedSubscription> subscriptions) {
  std::string text;
  write_tree(std::move(subscriptions), [&text](std::string_view part) {
    text += part;
    return true;
  });
  return text;
}

ListedSubscription listed(const char* filter, const char* client, int qos) {
  return {filter, client, static_cast<mqtt::QoS>(qos)};
}

}  // namespace

TEST_CASE("Subscriptions are printed as a tree, share groups last") {
  CHECK(tree({}).empty());
  CHECK(tree({listed("$share/g/a/b", "m2", 0), listed("a/b", "z", 1), listed("a/b", "a", 2),
              listed("a", "q", 0), listed("a/b/#", "q", 0), listed("a-b", "q", 0),
              listed("+/+", "q", 1), listed("/x", "q", 0), listed("$SYS/#", "q", 0),
              listed("$share/g/a/b", "m1", 1)}) ==
        "    \n"
        "      x (q, 0)\n"
        "    $SYS\n"
        "      # (q, 0)\n"
        "    +\n"
        "      + (q, 1)\n"
        "    a (q, 0)\n"
        "      b (a, 2) (z, 1)\n"
        "        # (q, 0)\n"
        "    a-b (q, 0)\n"
        "    $share\n"
        "      g\n"
        "        a\n"
        "          b (m1, 1) (m2, 0)\n");
}

TEST_CASE("What clients chose cannot leave its line") {
  CHECK(tree({listed("a\nb", "c\x1B[2J", 0)}) == "    a?b (c?[2J, 0)\n");
}

TEST_CASE("A long tree comes in parts, and ends when nobody takes them") {
  std::vector<ListedSubscription> many;
  for (int i = 0; i < 10'000; ++i)
    many.push_back(listed(("level/" + std::to_string(i)).c_str(), "client", 0));
  std::size_t parts = 0;
  std::size_t lines = 0;
  write_tree(many, [&](std::string_view part) {
    ++parts;
    CHECK(part.size() < 5000);
    lines += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    return true;
  });
  CHECK(lines == 10'001);
  CHECK(parts > 10);
  parts = 0;
  write_tree(many, [&](std::string_view) { return ++parts < 3; });
  CHECK(parts == 3);
}
