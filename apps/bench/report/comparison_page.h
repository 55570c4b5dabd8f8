#pragma once

#include <span>
#include <string>

#include "bench/result/result.h"
#include "bench/verdict/comparison.h"

namespace bench {

/// A comparison as one HTML page that needs nothing else, as `page` makes one of a single run. `a`
/// and `b` are the runs that were compared, at least one each.
std::string comparison_page(const Comparison& comparison, std::span<const Result> a,
                            std::span<const Result> b);

}  // namespace bench
