#pragma once

#include <limits>
#include <utility>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/load_plan.h"
#include "bench/load/tally.h"
#include "bench/result/result.h"

namespace bench {

/// Cuts a run into slices of equal length, from the differences between readings of the tally.
class TimeLine {
 public:
  /// A reading of the broker's process; all 0 if it is not watched.
  struct Broker {
    Nanoseconds cpu = 0;  ///< used so far
    std::uint64_t resident = 0;
  };

  TimeLine(MainLatency main_latency, Nanoseconds slice) : main_(main_latency), slice_(slice) {}

  void begin(Nanoseconds start, Nanoseconds broker_cpu);
  /// Start and end of the measured part. A slice belongs to it if most of its time does.
  void begin_measuring(Nanoseconds at) { measured_from_ = at; }
  void end_measuring(Nanoseconds at) { measured_until_ = at; }

  Nanoseconds next() const { return last_.at + slice_; }
  /// Ends the current slice.
  const Interval& cut(Nanoseconds now, const Tally& tally, Broker broker);
  /// Ends the last slice, which may be incomplete. A rate over a few milliseconds is meaningless,
  /// so less than half a slice is added to the slice before it.
  const Interval& finish(Nanoseconds now, const Tally& tally, Broker broker);

  /// All slices since the last call.
  std::vector<Interval> take() { return std::exchange(intervals_, {}); }

 private:
  /// The counts at the end of a slice.
  struct Reading {
    Nanoseconds at = 0;
    Nanoseconds cpu = 0;
    std::uint64_t published = 0;
    std::uint64_t delivered = 0;
    std::uint64_t connected = 0;
    Histogram latencies;
  };

  Reading reading(Nanoseconds now, const Tally& tally, Nanoseconds cpu) const;
  Interval between(const Reading& from, const Reading& to, std::uint64_t resident) const;
  bool is_measured(Nanoseconds from, Nanoseconds to) const;

  static constexpr Nanoseconds never = std::numeric_limits<Nanoseconds>::max();

  MainLatency main_;
  Nanoseconds slice_;
  Nanoseconds start_ = 0;
  Nanoseconds measured_from_ = never;
  Nanoseconds measured_until_ = never;
  Reading last_;      ///< at the end of the last slice
  Reading previous_;  ///< at its beginning
  std::vector<Interval> intervals_;
};

}  // namespace bench
