#include "bench/load/time_line.h"

#include <algorithm>
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

void TimeLine::begin(Nanoseconds start, Nanoseconds broker_cpu) {
  start_ = start;
  last_.at = start;
  last_.cpu = broker_cpu;
}

TimeLine::Reading TimeLine::reading(Nanoseconds now, const Tally& tally, Nanoseconds cpu) const {
  return {now,
          cpu,
          tally.all_published,
          tally.all_delivered,
          tally.all_connected,
          main_latencies(tally, main_)};
}

bool TimeLine::is_measured(Nanoseconds from, Nanoseconds to) const {
  const Nanoseconds begin = std::max(from, measured_from_);
  const Nanoseconds end = std::min(to, measured_until_);
  return begin < end && end - begin >= (to - from) - (end - begin);
}

Interval TimeLine::between(const Reading& from, const Reading& to, std::uint64_t resident) const {
  Interval interval;
  interval.begin = to_seconds(from.at - start_);
  interval.length = to_seconds(to.at - from.at);
  interval.published = to.published - from.published;
  interval.delivered = to.delivered - from.delivered;
  interval.connected = to.connected - from.connected;
  const Histogram recent = to.latencies.since(from.latencies);
  interval.p50 = recent.quantile(0.5);
  interval.p99 = recent.quantile(0.99);
  interval.max = recent.max();
  if (from.cpu != 0 && to.cpu > from.cpu && to.at > from.at) {
    interval.broker_cpu = to_seconds(to.cpu - from.cpu) / interval.length;
  }
  interval.broker_resident = resident;
  interval.is_warm_up = !is_measured(from.at, to.at);
  return interval;
}

const Interval& TimeLine::cut(Nanoseconds now, const Tally& tally, Broker broker) {
  previous_ = std::exchange(last_, reading(now, tally, broker.cpu));
  intervals_.push_back(between(previous_, last_, broker.resident));
  return intervals_.back();
}

const Interval& TimeLine::finish(Nanoseconds now, const Tally& tally, Broker broker) {
  if (intervals_.empty() || now - last_.at >= slice_ / 2) return cut(now, tally, broker);
  last_ = reading(now, tally, broker.cpu);
  intervals_.back() = between(previous_, last_, broker.resident);
  return intervals_.back();
}

}  // namespace bench
