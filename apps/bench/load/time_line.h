#pragma once

#include <functional>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/load_plan.h"
#include "bench/load/tally.h"
#include "bench/result/result.h"

namespace bench {

/// Cuts a run into slices of equal length: what was counted between two looks at the tally.
class TimeLine {
 public:
  TimeLine(MainLatency main_latency, Nanoseconds slice) : main_(main_latency), slice_(slice) {}

  void begin(Nanoseconds start);
  Nanoseconds next() const { return previous_ + slice_; }
  /// The slice that ends now. `cpu` and `resident` of the broker, 0 if it is not watched.
  const Interval& cut(Nanoseconds now, const Tally& tally, Nanoseconds cpu, std::uint64_t resident,
                      bool is_warm_up);

  std::vector<Interval> take() { return std::move(intervals_); }

 private:
  MainLatency main_;
  Nanoseconds slice_;
  Nanoseconds start_ = 0;
  Nanoseconds previous_ = 0;
  Nanoseconds previous_cpu_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t connected_ = 0;
  Histogram latencies_;  ///< as of the previous cut
  std::vector<Interval> intervals_;
};

}  // namespace bench
