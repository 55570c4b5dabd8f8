#include "bench/report/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bench/report/text_encoding.h"
#include "bench/result/quantity.h"

namespace bench {
namespace {

/// What the line tells, what matters most first.
std::vector<std::string> parts_of(const Moment& moment) {
  const auto duration = [](std::uint64_t nanoseconds) {
    return show(static_cast<double>(nanoseconds), Unit::duration);
  };
  std::vector<std::string> parts;
  parts.push_back(fmt::format("{} {:.0f} s", printable(moment.phase), moment.elapsed.count()));
  if (moment.done) {
    parts.push_back(fmt::format("{} {:3.0f} %", cli::progress_bar(*moment.done),
                                std::clamp(*moment.done, 0.0, 1.0) * 100));
  }
  if (moment.delivered_per_second > 0) {
    parts.push_back("in " + show(moment.delivered_per_second, Unit::per_second));
  }
  if (moment.published_per_second > 0) {
    parts.push_back("out " + show(moment.published_per_second, Unit::per_second));
  }
  if (moment.p50 != 0 || moment.p99 != 0) {
    parts.push_back(fmt::format("p50 {}", duration(moment.p50)));
    parts.push_back(fmt::format("p99 {}", duration(moment.p99)));
  }
  if (moment.broker_cpu) parts.push_back("broker " + show(*moment.broker_cpu, Unit::cores));
  parts.push_back(show_count(moment.connections) + " open");
  return parts;
}

}  // namespace

void Progress::show(const Moment& moment) {
  if (is_shown()) line_.show(progress_line(moment, line_.columns()));
}

std::string progress_line(const Moment& moment, unsigned columns) {
  std::string line;
  for (const std::string& part : parts_of(moment)) {
    const std::string longer = line.empty() ? part : line + "  " + part;
    if (column_count(longer) > columns) break;
    line = longer;
  }
  return line;
}

}  // namespace bench
