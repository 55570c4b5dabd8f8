#include "pub/lateness.h"

#include <catch2/catch.hpp>
#include <chrono>

using namespace std::chrono_literals;

TEST_CASE("The median of lateness is exact to ten microseconds, the largest to one") {
  pub::Lateness lateness;
  CHECK(lateness.median() == 0us);
  for (const auto late : {5us, 95us, 3000us, 101us, 7'000'000us}) lateness.add(late);
  CHECK(lateness.count() == 5);
  CHECK(lateness.median() == 110us);
  CHECK(lateness.largest() == 7'000'000us);
}

TEST_CASE("Most messages may be later than the steps go, and none is early") {
  pub::Lateness lateness;
  lateness.add(-3ms);
  CHECK(lateness.largest() == 0us);
  CHECK(lateness.median() == 0us);
  for (int i = 0; i < 2; ++i) lateness.add(40ms);
  CHECK(lateness.median() == 40ms);
}
