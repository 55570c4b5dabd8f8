#include "bench/plain_summary.h"

#include <fmt/format.h>

#include <iterator>

namespace bench {

std::string plain_summary(const Result& result) {
  std::string text;
  const auto line = [&](const std::string& one) { text += one + "\n"; };
  const Counts& counts = result.counts;
  line(fmt::format("{} {} s, {:.0f} delivered/s, {:.0f} published/s", result.settings.scenario,
                   result.duration.count(), result.delivered_per_second(),
                   result.published_per_second()));
  line(fmt::format("connected {} failures {} disconnects {}", counts.connected,
                   counts.connect_failures, counts.disconnects));
  line(fmt::format(
      "published {} failures {} acknowledged {} expected {} delivered {} in time {} lost {} "
      "duplicated {} out of order {} corrupted {} unexpected {} delayed {}",
      counts.published, counts.publish_failures, counts.acknowledged, counts.expected,
      counts.delivered, counts.delivered_in_time, counts.lost, counts.duplicated,
      counts.out_of_order, counts.corrupted, counts.unexpected, counts.delayed_sends));
  for (const Latency& latency : result.latencies) {
    const Histogram& h = latency.histogram;
    const auto ms = [](std::uint64_t time) { return static_cast<double>(time) / 1e6; };
    line(
        fmt::format("{}: n {} p50 {:.3f} p90 {:.3f} p99 {:.3f} p99.9 {:.3f} max {:.3f} mean {:.3f} "
                    "ms{}",
                    latency.name, h.count(), ms(h.quantile(0.5)), ms(h.quantile(0.9)),
                    ms(h.quantile(0.99)), ms(h.quantile(0.999)), ms(h.max()), h.mean() / 1e6,
                    latency.from_due_time ? " (from when it was due)" : ""));
  }
  for (const Figure& figure : result.figures) {
    line(fmt::format("{}: {:.1f} {}", figure.name, figure.value, figure.unit));
  }
  if (result.broker) {
    line(fmt::format(
        "broker {} cpu {:.3f} s (user {:.3f} system {:.3f}), {:.3f} us/delivery, "
        "resident {} peak {} threads {} switches {}/{}{}",
        result.broker->command, result.broker->cpu().count(), result.broker->user.count(),
        result.broker->system.count(), result.broker_cpu_us_per_delivery().value_or(0),
        result.broker->resident_after, result.broker->resident_peak, result.broker->threads,
        result.broker->voluntary_switches, result.broker->involuntary_switches,
        result.broker_bytes_per_connection()
            ? fmt::format(" {:.0f} bytes/connection", *result.broker_bytes_per_connection())
            : ""));
  }
  line(fmt::format("generator cpu {:.3f} s, busiest thread {:.2f}", result.generator.cpu().count(),
                   result.busiest_thread));
  if (!result.limited_by_generator.empty()) line("limited: " + result.limited_by_generator);
  for (const std::string& failure : result.failures) line("FAILED: " + failure);
  for (const std::string& note : result.notes) line("note: " + note);
  return text;
}

}  // namespace bench
