#include "bench/report/comparison_words.h"

#include <fmt/format.h>

#include "bench/result/quantity.h"

namespace bench {

std::string median_words(const Spread& spread, const Metric& metric) {
  if (spread.values.empty()) return "–";
  return show(spread.median, metric.unit);
}

std::string spread_words(const Spread& spread) {
  if (spread.values.size() < 2 || spread.median <= 0) return "";
  return "±" + show((spread.most - spread.least) / 2 / spread.median, Unit::share);
}

std::string ratio_words(const std::optional<double>& ratio) {
  if (!ratio) return "–";
  // "1/22.4" says more about a small ratio than "0.0446".
  if (*ratio > 0 && *ratio < 0.1) return fmt::format("1/{:.1f}", 1 / *ratio);
  return fmt::format("{:.3f}", *ratio);
}

std::string interval_words(const std::optional<RatioInterval>& interval) {
  if (!interval) return "–";
  return fmt::format("{} … {}", ratio_words(interval->low), ratio_words(interval->high));
}

std::string too_few_runs_words() {
  return "with fewer than 4 runs on each side chance alone could do this";
}

std::string run_count(std::size_t runs) {
  return fmt::format("{} run{}", runs, runs == 1 ? "" : "s");
}

}  // namespace bench
