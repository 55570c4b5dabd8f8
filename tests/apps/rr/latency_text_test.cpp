#include "rr/latency_text.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("A latency is told in the unit that fits it") {
  CHECK(rr::latency_text(0ns) == "0ns");
  CHECK(rr::latency_text(999ns) == "999ns");
  CHECK(rr::latency_text(1000ns) == "1.000000µs");
  CHECK(rr::latency_text(123'456ns) == "123.456000µs");
  CHECK(rr::latency_text(1ms) == "1.000000ms");
  CHECK(rr::latency_text(12'345'678ns) == "12.345678ms");
  CHECK(rr::latency_text(1s) == "1.000000000");
  CHECK(rr::latency_text(61'000'000'007ns) == "61.000000007");
}
