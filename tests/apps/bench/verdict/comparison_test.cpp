#include "bench/verdict/comparison.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "apps/bench/samples/sample_result.h"

namespace bench {
namespace {

using Values = std::vector<double>;

/// Runs that differ only in the broker's CPU time, in seconds.
std::vector<Result> runs_with_cpu(const Values& cpu_seconds) {
  std::vector<Result> runs;
  for (const double seconds : cpu_seconds) {
    runs.push_back(samples::pair_result());
    runs.back().broker->user = Seconds(seconds);
    runs.back().broker->system = Seconds(0);
  }
  return runs;
}

const MetricComparison& metric(const Comparison& comparison, const std::string& name) {
  const auto found = std::find_if(comparison.metrics.begin(), comparison.metrics.end(),
                                  [&](const auto& row) { return row.metric.name == name; });
  REQUIRE(found != comparison.metrics.end());
  return *found;
}

/// By trying every way to deal the values to the two sides.
double p_by_counting(const Values& a, const Values& b) {
  Values all = a;
  all.insert(all.end(), b.begin(), b.end());
  const auto distance = [&](const std::vector<bool>& in_a) {
    double wins = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = 0; j < all.size(); ++j) {
        if (!in_a[i] || in_a[j]) continue;
        wins += all[i] > all[j] ? 1 : all[i] == all[j] ? 0.5 : 0;
      }
    }
    return std::abs(wins - static_cast<double>(a.size() * b.size()) / 2);
  };
  std::vector<bool> dealt(all.size());
  std::fill(dealt.begin(), dealt.begin() + static_cast<std::ptrdiff_t>(a.size()), true);
  const double observed = distance(dealt);
  double as_far = 0;
  double deals = 0;
  std::sort(dealt.begin(), dealt.end());
  do {
    deals += 1;
    if (distance(dealt) >= observed - 1e-9) as_far += 1;
  } while (std::next_permutation(dealt.begin(), dealt.end()));
  return as_far / deals;
}

}  // namespace

TEST_CASE("the rank test is exact") {
  CHECK(rank_test(Values{1, 2, 3, 4}, Values{5, 6, 7, 8}).p == Approx(2.0 / 70));
  CHECK(rank_test(Values{1, 2, 3, 4}, Values{5, 6, 7, 8}).least_p == Approx(2.0 / 70));
  CHECK(rank_test(Values{1, 2, 3}, Values{4, 5, 6}).least_p == Approx(0.1));
  CHECK(least_p(3, 3) == Approx(0.1));
  CHECK(least_p(0, 5) == 1);
  CHECK_FALSE(can_tell(3, 3));
  CHECK(can_tell(4, 4));
  CHECK(can_tell(3, 5));
  CHECK_FALSE(can_tell(2, 7));
  CHECK(rank_test(Values{1}, Values{2}).p == 1);
  CHECK(rank_test(Values{3, 3, 3, 3}, Values{3, 3, 3, 3}).p == 1);
  CHECK(rank_test(Values{}, Values{1}).p == 1);

  SECTION("as counting all deals says, with ties and without") {
    std::mt19937 random(11);
    for (unsigned round = 0; round < 40; ++round) {
      Values a(2 + round % 4);
      Values b(2 + round % 5);
      for (double& value : a) value = static_cast<double>(random() % 8);
      for (double& value : b) value = static_cast<double>(random() % 8) + 1;
      CHECK(rank_test(a, b).p == Approx(p_by_counting(a, b)));
    }
  }
  SECTION("more values than it uses do not harm it") {
    CHECK(rank_test(Values(100, 1), Values(100, 2)).p < 1e-9);
  }
}

TEST_CASE("the interval of the ratio is what the test cannot exclude") {
  SECTION("with four and four runs it reaches over all ratios") {
    const auto interval = ratio_interval(Values{10, 11, 12, 13}, Values{5, 5.5, 6, 6.5});
    REQUIRE(interval);
    CHECK(interval->low == Approx(5.0 / 13));
    CHECK(interval->high == Approx(6.5 / 10));
  }
  SECTION("with more runs an outlier does not count") {
    const auto interval =
        ratio_interval(Values{10, 10, 10, 10, 10, 10}, Values{5, 5, 5, 5, 5, 500});
    REQUIRE(interval);
    CHECK(interval->low == Approx(0.5));
    CHECK(interval->high < 50.1);
  }
  SECTION("too few runs, and values without a ratio, have none") {
    CHECK_FALSE(ratio_interval(Values{1, 2, 3}, Values{4, 5, 6}));
    CHECK_FALSE(ratio_interval(Values{0, 2, 3, 4}, Values{4, 5, 6, 7}));
    CHECK_FALSE(ratio_interval(Values{}, Values{4, 5, 6, 7}));
  }
}

TEST_CASE("a comparison tells a difference from noise") {
  SECTION("clearly less, where less is better") {
    const auto comparison = compare("old", runs_with_cpu({2.0, 2.1, 2.2, 1.9, 2.05}), "new",
                                    runs_with_cpu({1.0, 1.1, 0.9, 1.05, 1.2}));
    const MetricComparison& cpu = metric(comparison, "cpu/msg");
    CHECK(cpu.finding == Finding::better);
    CHECK(cpu.a.median == Approx(205'000));
    CHECK(cpu.b.median == Approx(105'000));
    CHECK(cpu.a.least == Approx(190'000));
    CHECK(cpu.a.most == Approx(220'000));
    CHECK(*cpu.ratio == Approx(1.05 / 2.05));
    CHECK(cpu.p == Approx(2.0 / 252));
    CHECK(metric(comparison, "rate").finding == Finding::noise);
  }
  SECTION("the other way round it is worse") {
    const auto comparison = compare("new", runs_with_cpu({1.0, 1.1, 0.9, 1.05}), "old",
                                    runs_with_cpu({2.0, 2.1, 2.2, 1.9}));
    CHECK(metric(comparison, "cpu/msg").finding == Finding::worse);
  }
  SECTION("samples that overlap are noise") {
    const auto comparison =
        compare("a", runs_with_cpu({1.0, 1.2, 1.4, 1.6}), "b", runs_with_cpu({1.1, 1.3, 1.5, 1.7}));
    CHECK(metric(comparison, "cpu/msg").finding == Finding::noise);
  }
  SECTION("three and three runs cannot tell, however far apart they are") {
    const auto comparison =
        compare("a", runs_with_cpu({1.0, 1.0, 1.0}), "b", runs_with_cpu({9.0, 9.0, 9.0}));
    CHECK(metric(comparison, "cpu/msg").finding == Finding::cannot_tell);
    CHECK(*metric(comparison, "cpu/msg").ratio == Approx(9));
  }
  SECTION("one run each still has a ratio") {
    const auto comparison = compare("a", runs_with_cpu({2.0}), "b", runs_with_cpu({1.0}));
    CHECK(*metric(comparison, "cpu/msg").ratio == Approx(0.5));
    CHECK(metric(comparison, "cpu/msg").finding == Finding::cannot_tell);
  }
}

TEST_CASE("a comparison names what makes it doubtful") {
  auto a = runs_with_cpu({1.0, 1.0});
  auto b = runs_with_cpu({1.0, 1.0});
  CHECK(compare("a", a, "b", b).doubts.empty());
  b[0].settings.qos = 2;
  b[1].settings.qos = 2;
  b[1].interrupted = true;
  b[1].failures.emplace_back("QoS 2: 1 message lost");
  a[0].limited_by_generator = "its busiest thread was never idle";
  CHECK(compare("a", a, "b", b).doubts ==
        std::vector<std::string>{"the runs differ in QoS: 1 and 2",
                                 "A: 1 of 2 runs were limited by the generator",
                                 "B: 1 of 2 runs failed", "B: 1 of 2 runs were interrupted"});
}

TEST_CASE("what only one side measured is shown without a ratio") {
  auto a = runs_with_cpu({1.0});
  auto b = runs_with_cpu({1.0});
  b[0].broker.reset();
  b[0].figures.push_back({"drain-rate", 5, "/s"});
  const auto comparison = compare("a", a, "b", b);
  CHECK(metric(comparison, "cpu/msg").b.values.empty());
  CHECK_FALSE(metric(comparison, "cpu/msg").ratio);
  CHECK(metric(comparison, "drain-rate").a.values.empty());
}

TEST_CASE("what is 0 on both sides is left out") {
  auto a = runs_with_cpu({1.0});
  auto b = runs_with_cpu({1.0});
  a[0].counts.delivered_in_time = b[0].counts.delivered_in_time = 0;
  const auto comparison = compare("a", a, "b", b);
  CHECK(std::none_of(comparison.metrics.begin(), comparison.metrics.end(),
                     [](const auto& row) { return row.metric.name == "rate"; }));
}

TEST_CASE("expected ratios are held against the medians") {
  const auto a = runs_with_cpu({2.0, 2.0, 2.0});
  const auto b = runs_with_cpu({1.0, 0.1, 9.0});
  auto comparison = compare("a", a, "b", b);
  judge_ratios(
      std::vector{*parse_ratio_expectation("cpu/msg<=1/2"), *parse_ratio_expectation("cpu/msg<0.5"),
                  *parse_ratio_expectation("tls.p99<1")},
      a, b, comparison);
  REQUIRE(comparison.checks.size() == 3);
  CHECK(comparison.checks[0].passed);
  CHECK(comparison.checks[0].measured == "0.5");
  CHECK_FALSE(comparison.checks[1].passed);
  CHECK(comparison.checks[2].measured == "not measured");
  CHECK_FALSE(comparison.checks[2].passed);
}

}  // namespace bench
