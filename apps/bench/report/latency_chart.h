#pragma once

#include <string>
#include <vector>

#include "bench/result/result.h"

namespace bench {

/// Latency over percentile, both logarithmic: every further nine of the percentile takes the same
/// room, as what happens there is what users notice. Empty if nothing was measured.
std::string latency_chart(const std::vector<Latency>& latencies);

}  // namespace bench
