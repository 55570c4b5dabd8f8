#include "bench/load/pacer.h"

#include <catch2/catch.hpp>

namespace bench {

TEST_CASE("messages are due at even distances, dealt to the senders in turn") {
  const Pacer pacer({.per_second = 1000, .senders = 4, .start = 5'000'000'000, .ramp = 0});
  CHECK(pacer.due(0) == 5'000'000'000);
  CHECK(pacer.due(1) == 5'001'000'000);
  CHECK(pacer.due(1000) == 6'000'000'000);
  CHECK(pacer.due(0, 0) == pacer.due(0));
  CHECK(pacer.due(3, 0) == pacer.due(3));
  CHECK(pacer.due(0, 1) == pacer.due(4));
  CHECK(pacer.due(2, 10) == pacer.due(42));
}

TEST_CASE("distances that are no whole number of nanoseconds do not add up to an error") {
  const Pacer pacer({.per_second = 30'000, .senders = 7, .start = 0, .ramp = 0});
  CHECK(pacer.due(30'000ULL * 3600) == 3600 * nanoseconds_per_second);
}

TEST_CASE("messages of the same tenth of a millisecond are due together, at its beginning") {
  const Pacer pacer({.per_second = 40'000, .senders = 7, .start = 1'000'050'000, .ramp = 0});
  for (std::uint64_t i = 0; i < 4; ++i) {
    CHECK(pacer.due(i) == 1'000'050'000);
    CHECK(pacer.due(4 + i) == 1'000'150'000);
  }
}

TEST_CASE("nothing is due when the end has come") {
  const Pacer pacer(
      {.per_second = 1000, .senders = 1, .start = 0, .ramp = 0, .end = nanoseconds_per_second});
  CHECK(pacer.due(999) == 999'000'000);
  CHECK(pacer.due(1000) == Pacer::never);
  CHECK(pacer.due(1'000'000) == Pacer::never);
}

TEST_CASE("in a ramp the rate rises linearly from nothing") {
  const Nanoseconds second = nanoseconds_per_second;
  const Pacer pacer({.per_second = 1000, .senders = 1, .start = 0, .ramp = 10 * second});
  CHECK(pacer.due(0) == 0);
  SECTION("a quarter of the messages of the ramp is due at half of its time") {
    CHECK(pacer.due(1250) == 5 * second);
  }
  SECTION("half of what the full rate would have sent is due at its end") {
    CHECK(pacer.due(5000) == 10 * second);
  }
  SECTION("from then on the distances are those of the full rate") {
    CHECK(pacer.due(5001) - pacer.due(5000) == second / 1000);
    CHECK(pacer.due(6000) == 11 * second);
  }
  SECTION("nothing is due before what comes before it") {
    for (std::uint64_t i = 1; i < 7000; ++i) REQUIRE(pacer.due(i) > pacer.due(i - 1));
  }
}

}  // namespace bench
