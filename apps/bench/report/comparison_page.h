#pragma once

#include <span>
#include <string>

#include "bench/result/result.h"
#include "bench/verdict/comparison.h"

namespace bench {

/// A comparison as one self-contained HTML page, like `page` for a single run. `a` and `b` are the
/// compared runs, at least one each.
std::string comparison_page(const Comparison& comparison, std::span<const Result> a,
                            std::span<const Result> b);

}  // namespace bench
