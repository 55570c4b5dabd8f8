#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "bench/verdict/comparison.h"

/// The text forms of a comparison's figures, for the table and the page.
namespace bench {

/// The median; "–" if nothing was measured.
std::string median_words(const Spread& spread, const Metric& metric);

/// "±3.2 %": half of the way from the least to the greatest run, as a share of the median. Empty
/// for a single run.
std::string spread_words(const Spread& spread);

/// "0.446", "1/22.4"; "–" if there is none.
std::string ratio_words(const std::optional<double>& ratio);

/// "0.41 … 0.48"; "–" if there are too few runs for one.
std::string interval_words(const std::optional<RatioInterval>& interval);

/// Why there is no result: see can_tell().
std::string too_few_runs_words();

/// "5 runs".
std::string run_count(std::size_t runs);

}  // namespace bench
