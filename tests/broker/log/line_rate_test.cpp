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
