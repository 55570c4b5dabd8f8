#pragma once

#include <limits>
#include <utility>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/load_plan.h"
#include "bench/load/tally.h"
#include "bench/result/result.h"

namespace bench {

/// Cuts a run into slices of equal length: what was counted between two looks at the tally.
class TimeLine {
 public:
  /// The broker as seen at one moment; all 0 if it is not watched.
  struct Broker {
    Nanoseconds cpu = 0;  ///< used so far
    std::uint64_t resident = 0;
  };

  TimeLine(MainLatency main_latency, Nanoseconds slice) : main_(main_latency), slice_(slice) {}

  void begin(Nanoseconds start, Nanoseconds broker_cpu);
  /// Where the measured part begins and ends. A slice belongs to it if most of its time does.
  void begin_measuring(Nanoseconds at) { measured_from_ = at; }
  void end_measuring(Nanoseconds at) { measured_until_ = at; }

  Nanoseconds next() const { return last_.at + slice_; }
  /// The slice that ends now.
  const Interval& cut(Nanoseconds now, const Tally& tally, Broker broker);
  /// The last slice. The end of a run does not wait for a whole one, and a rate over a few
  /// milliseconds says nothing: less than half a slice is added to the slice before it.
  const Interval& finish(Nanoseconds now, const Tally& tally, Broker broker);

  /// All slices since the last call.
  std::vector<Interval> take() { return std::exchange(intervals_, {}); }

 private:
  /// What had been counted when a slice ended.
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
