#pragma once

#include <string>
#include <vector>

#include "bench/result/result.h"

namespace bench {

/// The run over time: throughput, latency and, if watched, the broker's CPU and memory.
/// Empty if there are no intervals.
std::string time_charts(const Result& result);

/// The same time line with at most `most` intervals: adjacent ones are merged.
std::vector<Interval> condensed(const std::vector<Interval>& intervals, std::size_t most);

}  // namespace bench
