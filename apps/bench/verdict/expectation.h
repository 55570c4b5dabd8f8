#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bench/result/result.h"
#include "bench/verdict/metric.h"

namespace bench {

/// A condition on a run: "p99<5ms", "loss=0", "rate>=50k/s", "loss < 0.1 %".
///
///     expectation = metric operator number [unit]
///     operator    = "<" | "<=" | ">" | ">=" | "=" | "==" | "!="
///     unit        = ns us ms s min          for durations (none given: seconds are not assumed,
///                                           a unit is required unless the number is 0)
///                 | k M G, Ki Mi Gi ["B"]   thousands; powers of 1024
///                 | "%"                     share of what could have been
///     and "/s" may follow for a rate
struct Expectation {
  enum class Operator : std::uint8_t { less, at_most, greater, at_least, equal, unequal };

  std::string text;  ///< as typed
  Metric metric;
  Operator op = Operator::equal;
  double bound = 0;  ///< in the metric's unit, or a share if `is_share`
  bool is_share = false;
};

/// The error has the column, what was expected there, and the nearest existing name.
tl::expected<Expectation, std::string> parse_expectation(std::string_view text);

/// "cpu/msg<=1/20", "rate>=1.7": a condition on B's median as a multiple of A's. `bound` is a bare
/// number.
tl::expected<Expectation, std::string> parse_ratio_expectation(std::string_view text);

/// Whether `measured op bound`. Equality allows for rounding (1e-9).
bool holds(Expectation::Operator op, double measured, double bound);

/// The exit status after a run with a negative verdict: a violated guarantee or a missed
/// expectation.
constexpr int negative_verdict_status = 3;

/// A metric that was not measured fails: a check that was not made must not pass.
Check evaluate(const Expectation& expectation, const Result& result);

/// Evaluates all: sets `result.checks`, and adds failures to `result.failures`.
void judge(std::span<const Expectation> expectations, Result& result);

}  // namespace bench
