#include "bench/load/time_line.h"

#include <utility>

namespace bench {
namespace {

Histogram main_latencies(const Tally& tally, MainLatency which) {
  Histogram sum;
  switch (which) {
    case MainLatency::arrival:
      sum.add(tally.arrival);
      sum.add(tally.arrival_before);
      break;
    case MainLatency::connect:
      sum.add(tally.connect);
      break;
    case MainLatency::completion:
      sum.add(tally.completion);
      break;
  }
  return sum;
}

}  // namespace

void TimeLine::begin(Nanoseconds start) {
  start_ = start;
  previous_ = start;
}

const Interval& TimeLine::cut(Nanoseconds now, const Tally& tally, Nanoseconds cpu,
                              std::uint64_t resident, bool is_warm_up) {
  Interval interval;
  interval.begin = to_seconds(previous_ - start_);
  interval.length = to_seconds(now - previous_);
  interval.published = tally.all_published - std::exchange(published_, tally.all_published);
  interval.delivered = tally.all_delivered - std::exchange(delivered_, tally.all_delivered);
  interval.connected = tally.all_connected - std::exchange(connected_, tally.all_connected);
  Histogram latencies = main_latencies(tally, main_);
  const Histogram recent = latencies.since(latencies_);
  interval.p50 = recent.quantile(0.5);
  interval.p99 = recent.quantile(0.99);
  interval.max = recent.max();
  if (previous_cpu_ != 0 && cpu > previous_cpu_) {
    interval.broker_cpu = to_seconds(cpu - previous_cpu_) / interval.length;
  }
  interval.broker_resident = resident;
  interval.is_warm_up = is_warm_up;
  latencies_ = std::move(latencies);
  previous_cpu_ = cpu;
  previous_ = now;
  intervals_.push_back(interval);
  return intervals_.back();
}

}  // namespace bench
