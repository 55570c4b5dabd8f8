#include "bench/result/histogram.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

namespace bench {
namespace {

std::uint64_t exact_quantile(const std::vector<std::uint64_t>& sorted, double fraction) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

TEST_CASE("an empty histogram answers zero") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.min() == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.mean() == 0);
  CHECK(histogram.quantile(0.5) == 0);
}

TEST_CASE("small values are counted exactly") {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 256; ++value) histogram.record(value);
  CHECK(histogram.quantile(0) == 0);
  CHECK(histogram.quantile(0.5) == 127);
  CHECK(histogram.quantile(1) == 255);
  CHECK(histogram.mean() == Approx(127.5));
}

TEST_CASE("quantiles agree with those of the sorted values to 0.8 %") {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> distribution(13, 3);
  std::vector<std::uint64_t> values;
  Histogram histogram;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(static_cast<std::uint64_t>(std::min(distribution(random), 8e12)));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double fraction : {0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    const auto exact = static_cast<double>(exact_quantile(values, fraction));
    CHECK(static_cast<double>(histogram.quantile(fraction)) == Approx(exact).epsilon(0.008));
  }
  CHECK(histogram.min() == values.front());
  CHECK(histogram.max() == values.back());
}

TEST_CASE("every power of two and its neighbours lie in a step that holds them") {
  for (unsigned bits = 1; bits < 43; ++bits) {
    for (const int offset : {-1, 0, 1}) {
      const std::uint64_t value = (std::uint64_t{1} << bits) + static_cast<std::uint64_t>(offset);
      Histogram histogram;
      histogram.record(value);
      histogram.record(std::uint64_t{1} << 42);
      histogram.for_each([&, first = true](std::uint64_t upper, std::uint64_t) mutable {
        if (!first) return;
        first = false;
        CHECK(upper >= value);
        CHECK(static_cast<double>(upper) <= static_cast<double>(value) * 1.008);
      });
    }
  }
}

TEST_CASE("a value beyond the range counts, and is the maximum") {
  Histogram histogram;
  histogram.record(std::uint64_t{1} << 60);
  CHECK(histogram.count() == 1);
  CHECK(histogram.max() == std::uint64_t{1} << 60);
  CHECK(histogram.quantile(0.5) == std::uint64_t{1} << 60);
}

TEST_CASE("adding histograms is as if all values had been recorded in one") {
  Histogram all;
  Histogram a;
  Histogram b;
  for (std::uint64_t i = 1; i < 5000; ++i) {
    (i % 3 == 0 ? a : b).record(i * i, i % 5);
    all.record(i * i, i % 5);
  }
  a.add(b);
  CHECK(a.count() == all.count());
  CHECK(a.min() == all.min());
  CHECK(a.max() == all.max());
  CHECK(a.mean() == Approx(all.mean()));
  for (const double fraction : {0.1, 0.5, 0.9, 0.999})
    CHECK(a.quantile(fraction) == all.quantile(fraction));
  a.clear();
  CHECK(a.count() == 0);
  CHECK(a.quantile(1) == 0);
}

TEST_CASE("what was recorded since an earlier moment is a histogram of its own") {
  Histogram all;
  for (std::uint64_t i = 1; i <= 1000; ++i) all.record(i * 1000);
  Histogram earlier;
  earlier.add(all);
  CHECK(all.since(earlier).count() == 0);
  for (int i = 0; i < 10; ++i) all.record(200);
  all.record(5'000'000);
  const Histogram recent = all.since(earlier);
  CHECK(recent.count() == 11);
  CHECK(recent.min() == 200);
  CHECK(recent.max() == 5'000'000);
  CHECK(recent.quantile(0.5) == 200);
  CHECK(recent.mean() == Approx((10 * 200 + 5'000'000) / 11.0));
  CHECK(all.since(Histogram()).count() == all.count());
}

TEST_CASE("a histogram can be put together again from its steps") {
  Histogram original;
  for (std::uint64_t i = 1; i < 3000; ++i) original.record(i * i * 7, i % 4);
  std::vector<Histogram::Step> steps;
  original.for_each([&](std::uint64_t bound, std::uint64_t count) {
    steps.push_back({bound, count});
  });
  const auto copy = Histogram::from_steps(steps, original.min(), original.max(), original.mean());
  REQUIRE(copy);
  CHECK(copy->count() == original.count());
  CHECK(copy->min() == original.min());
  CHECK(copy->max() == original.max());
  CHECK(copy->mean() == Approx(original.mean()));
  for (const double fraction : {0.0, 0.1, 0.5, 0.99, 0.9999, 1.0})
    CHECK(copy->quantile(fraction) == original.quantile(fraction));

  SECTION("no steps are an empty histogram") {
    CHECK(Histogram::from_steps({}, 0, 0, 0)->count() == 0);
  }
  SECTION("what no histogram can say is refused") {
    CHECK_FALSE(Histogram::from_steps(steps, 5, 4, 1));
    CHECK_FALSE(Histogram::from_steps(steps, 1, 4, -1));
    const Histogram::Step none{1, 0};
    CHECK_FALSE(Histogram::from_steps(std::span(&none, 1), 1, 1, 1));
    const std::vector<Histogram::Step> too_many(2, {1, std::uint64_t{1} << 63});
    CHECK_FALSE(Histogram::from_steps(too_many, 1, 1, 1));
  }
}

}  // namespace bench
