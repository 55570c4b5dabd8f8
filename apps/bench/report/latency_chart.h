#pragma once

#include <string>
#include <vector>

#include "bench/result/result.h"

namespace bench {

/// Latency over percentile, both logarithmic: each additional nine of the percentile has the same
/// width, since users notice what happens there. Empty if nothing was measured.
std::string latency_chart(const std::vector<Latency>& latencies);

}  // namespace bench
