#include "cli/options/rate.h"

#include <catch2/catch.hpp>

using cli::parse_rate;

TEST_CASE("A rate is messages per time", "[rate]") {
  CHECK(parse_rate("10") == 10);
  CHECK(parse_rate("10/s") == 10);
  CHECK(parse_rate("2.5k") == 2500);
  CHECK(parse_rate("1M/s") == 1e6);
  CHECK(parse_rate("600/min") == 10);
  CHECK(parse_rate("1k/min").value() == Approx(1000.0 / 60));
  CHECK(parse_rate("36/h").value() == Approx(0.01));
  for (const char* const text :
       {"", "x", "0", "-1", "10/", "10/x", "10 /s", "inf", "nan", "1e20", "k"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rate(text));
  }
}
