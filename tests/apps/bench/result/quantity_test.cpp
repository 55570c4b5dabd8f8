#include "bench/result/quantity.h"

#include <catch2/catch.hpp>
#include <limits>

namespace bench {

TEST_CASE("quantities are shown with three digits and a unit that suits them") {
  struct Row {
    double value;
    Unit unit;
    const char* shown;
  };
  const Row rows[] = {
      {0, Unit::duration, "0 ns"},
      {7, Unit::duration, "7 ns"},
      {7.5, Unit::duration, "7.50 ns"},
      {64, Unit::bytes, "64 B"},
      {999.6, Unit::duration, "1.00 µs"},
      {1'234'000, Unit::duration, "1.23 ms"},
      {12'340'000, Unit::duration, "12.3 ms"},
      {123'400'000, Unit::duration, "123 ms"},
      {90e9, Unit::duration, "90.0 s"},
      {600e9, Unit::duration, "10.0 min"},
      {0, Unit::per_second, "0/s"},
      {1.5, Unit::per_second, "1.50/s"},
      {812345.4, Unit::per_second, "812,345/s"},
      {730, Unit::bytes, "730 B"},
      {1023.9, Unit::bytes, "1.00 KiB"},
      {12'600, Unit::bytes, "12.3 KiB"},
      {3.0 * 1024 * 1024, Unit::bytes_per_second, "3.00 MiB/s"},
      {0.005, Unit::share, "0.50 %"},
      {1, Unit::share, "100 %"},
      {1.5, Unit::cores, "1.50 cores"},
      {1'234'567, Unit::count, "1,234,567"},
      {999, Unit::count, "999"},
      {0.0123, Unit::number, "0.0123"},
      {std::numeric_limits<double>::quiet_NaN(), Unit::duration, "–"},
      {std::numeric_limits<double>::infinity(), Unit::count, "–"},
  };
  for (const Row& row : rows) CHECK(show(row.value, row.unit) == row.shown);
}

TEST_CASE("a figure's unit says what one of it is in the base") {
  CHECK(unit_named("ms").unit == Unit::duration);
  CHECK(unit_named("ms").in_base == 1e6);
  CHECK(unit_named("%").in_base == 0.01);
  CHECK(unit_named("parsecs").unit == Unit::number);
}

}  // namespace bench
