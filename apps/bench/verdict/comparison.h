#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/result/result.h"
#include "bench/verdict/expectation.h"
#include "bench/verdict/metric.h"
#include "bench/verdict/rank_test.h"

namespace bench {

/// One metric over the repeated runs of one side.
struct Spread {
  std::vector<double> values;  ///< in the order of the runs, without those that did not measure it
  double median = 0;
  double least = 0;
  double most = 0;
};

/// The result of comparing B with A.
enum class Finding : std::uint8_t {
  cannot_tell,  ///< too few runs: even the clearest outcome could be chance (fewer than 4 and 4)
  noise,        ///< the difference may be chance (p >= 0.05)
  better,
  worse,
  different,  ///< more than noise, and neither direction is better
};

/// "better", "within noise", ...
std::string_view name_of(Finding finding);

struct MetricComparison {
  Metric metric;
  Spread a;
  Spread b;
  std::optional<double> ratio;  ///< median of B / median of A
  std::optional<RatioInterval> interval;
  double p = 1;
  Finding finding = Finding::cannot_tell;
};

/// Runs of two sides, metric by metric, in the order of the table.
struct Comparison {
  std::string a_name;
  std::string b_name;
  std::size_t a_runs = 0;
  std::size_t b_runs = 0;
  std::vector<MetricComparison> metrics;
  /// Reasons to doubt the comparison: settings that differ, runs that failed or were
  /// interrupted, a generator at its limit.
  std::vector<std::string> doubts;
  std::vector<Check> checks;  ///< of the expected ratios
};

/// Whether this number of runs can show a difference at all: with fewer than 4 and 4 (or 3
/// and 5), even the clearest outcome could be chance.
bool can_tell(std::size_t a_runs, std::size_t b_runs);

/// Each side has at least one run.
Comparison compare(std::string a_name, std::span<const Result> a, std::string b_name,
                   std::span<const Result> b);

/// Checks the expected ratios B/A (see parse_ratio_expectation) against the medians; sets
/// `comparison.checks`. A metric that was not measured fails.
void judge_ratios(std::span<const Expectation> expectations, std::span<const Result> a,
                  std::span<const Result> b, Comparison& comparison);

}  // namespace bench
