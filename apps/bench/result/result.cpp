#include "bench/result/result.h"

#include <algorithm>

namespace bench {
namespace {

constexpr double busy = 0.9;

double per_second(std::uint64_t count, Seconds duration) {
  return duration.count() > 0 ? static_cast<double>(count) / duration.count() : 0;
}

}  // namespace

bool Result::generator_was_limit() const {
  return busiest_thread > busy && !(broker && broker->busiest_thread > busy);
}

double Result::delivered_per_second() const {
  return per_second(counts.delivered_in_time, duration);
}

double Result::published_per_second() const {
  return per_second(counts.published, duration);
}

std::optional<double> Result::broker_cpu_us_per_delivery() const {
  if (!broker || counts.delivered_in_time == 0) return std::nullopt;
  return broker->cpu().count() * 1e6 / static_cast<double>(counts.delivered_in_time);
}

std::optional<double> Result::broker_bytes_per_connection() const {
  if (!broker || !broker->resident_connected || counts.connected == 0) return std::nullopt;
  if (*broker->resident_connected < broker->resident_before) return 0;
  return static_cast<double>(*broker->resident_connected - broker->resident_before) /
         static_cast<double>(counts.connected);
}

const Latency* Result::latency(const std::string& name) const {
  const auto found = std::find_if(latencies.begin(), latencies.end(),
                                  [&](const Latency& latency) { return latency.name == name; });
  return found == latencies.end() ? nullptr : &*found;
}

}  // namespace bench
