#include "log/line_rate.h"

#include <catch2/catch.hpp>

using broker::LineRate;

TEST_CASE("some lines may be written at once, then one a second") {
  LineRate rate;
  int written = 0;
  for (int i = 0; i < 100; ++i) written += rate.allows(5000) ? 1 : 0;
  CHECK(written == 10);
  CHECK_FALSE(rate.allows(5999));
  CHECK(rate.allows(6000));
  CHECK_FALSE(rate.allows(6000));
  SECTION("and at most as many as at first after a long silence") {
    written = 0;
    for (int i = 0; i < 100; ++i) written += rate.allows(1'000'000) ? 1 : 0;
    CHECK(written == 10);
  }
}

TEST_CASE("lines that were left out are counted once") {
  LineRate rate;
  for (int i = 0; i < 13; ++i) rate.allows(5000);
  CHECK(rate.take_left_out() == 3);
  CHECK(rate.take_left_out() == 0);
}

TEST_CASE("A rate of lines lets a burst through, then one each interval, and counts the rest") {
  broker::LineRate rate(3, 500);
  constexpr std::int64_t begin = 1'000'000;
  int written = 0;
  for (int i = 0; i < 10; ++i) written += rate.allows(begin) ? 1 : 0;
  CHECK(written == 3);
  CHECK(rate.take_left_out() == 7);
  CHECK(rate.take_left_out() == 0);

  CHECK_FALSE(rate.allows(begin + 499));
  CHECK(rate.allows(begin + 500));
  CHECK_FALSE(rate.allows(begin + 501));
  CHECK(rate.take_left_out() == 2);

  // After a long rest a whole burst, and no more.
  written = 0;
  for (int i = 0; i < 10; ++i) written += rate.allows(begin + 100'000) ? 1 : 0;
  CHECK(written == 3);
}
