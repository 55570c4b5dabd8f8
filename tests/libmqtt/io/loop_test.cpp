#include "mqtt/io/loop.h"

#include <catch2/catch.hpp>
#include <vector>

namespace mqtt::io {

TEST_CASE("a loop calls what was deferred in its next turn, in order", "[loop]") {
  Loop loop;
  static std::vector<int> calls;
  calls.clear();
  static Loop* current = nullptr;
  current = &loop;
  const auto record = [](void* object) { calls.push_back(*static_cast<int*>(object)); };
  int first = 1;
  int second = 2;
  loop.defer(record, &first);
  loop.defer(record, &second);
  CHECK(calls.empty());

  SECTION("and has nothing left to do then") {
    loop.run();
    CHECK(calls == std::vector{1, 2});
  }
  SECTION("one turn later if it is deferred by a deferred call") {
    loop.defer([](void* object) { current->defer([](void*) { calls.push_back(3); }, object); },
               nullptr);
    loop.run_once(false);
    CHECK(calls == std::vector{1, 2});
    loop.run_once(false);
    CHECK(calls == std::vector{1, 2, 3});
  }
  SECTION("at the latest when it is destroyed") {
    {
      Loop brief;
      brief.defer(record, &first);
    }
    CHECK(calls == std::vector{1});
  }
}

}  // namespace mqtt::io
