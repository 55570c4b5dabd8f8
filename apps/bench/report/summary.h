#pragma once

#include <string>

#include "bench/report/colour.h"
#include "bench/result/result.h"
#include "bench/verdict/comparison.h"

namespace bench {

/// The result for people, several lines, most important first: verdict, rates, correctness,
/// latencies, the broker's cost, caveats. Ends with a line feed.
std::string summary(const Result& result, const Paint& paint);

/// The comparison as an aligned table, followed by doubts and checks.
std::string summary(const Comparison& comparison, const Paint& paint);

}  // namespace bench
