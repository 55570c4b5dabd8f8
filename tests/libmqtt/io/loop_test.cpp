#include "mqtt/io/loop.h"

#include <catch2/catch.hpp>
#include <chrono>
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

TEST_CASE("a loop makes costly calls a few at a time, in order", "[loop]") {
  static std::vector<int> calls;
  calls.clear();
  const auto record = [](void* object) { calls.push_back(*static_cast<int*>(object)); };
  int numbers[] = {1, 2, 3, 4};
  Loop loop;

  SECTION("one a turn if each takes all the time that there is, and others in between") {
    loop.set_costly_time(std::chrono::nanoseconds(0));
    loop.defer_costly(record, &numbers[0]);
    loop.defer_costly(record, &numbers[1]);
    loop.run_once(false);
    CHECK(calls == std::vector{1});
    loop.defer(record, &numbers[3]);
    loop.run_once(false);
    CHECK(calls == std::vector{1, 4, 2});
  }
  SECTION("all of them in a turn that has the time") {
    loop.set_costly_time(std::chrono::hours(1));
    for (int& number : numbers) loop.defer_costly(record, &number);
    loop.run_once(false);
    CHECK(calls == std::vector{1, 2, 3, 4});
  }
  SECTION("and not what they defer themselves") {
    static Loop* current = nullptr;
    current = &loop;
    loop.set_costly_time(std::chrono::hours(1));
    loop.defer_costly(
        [](void* object) {
          calls.push_back(0);
          current->defer_costly([](void* number) { calls.push_back(*static_cast<int*>(number)); },
                                object);
        },
        &numbers[0]);
    loop.run_once(false);
    CHECK(calls == std::vector{0});
    loop.run_once(false);
    CHECK(calls == std::vector{0, 1});
  }
  SECTION("without waiting as long as some are left") {
    loop.set_costly_time(std::chrono::nanoseconds(0));
    for (int& number : numbers) loop.defer_costly(record, &number);
    loop.run();
    CHECK(calls == std::vector{1, 2, 3, 4});
  }
  SECTION("at the latest when it is destroyed") {
    {
      Loop brief;
      brief.set_costly_time(std::chrono::nanoseconds(0));
      for (int& number : numbers) brief.defer_costly(record, &number);
    }
    CHECK(calls == std::vector{1, 2, 3, 4});
  }
}

}  // namespace mqtt::io
