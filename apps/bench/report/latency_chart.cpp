#include "bench/report/latency_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/report/chart.h"

namespace bench {
namespace {

constexpr double height = 340;
constexpr double most_nines = 7;

/// 0 for 0 %, 1 for 90 %, 2 for 99 %.
double nines(double fraction) {
  return -std::log10(1 - fraction);
}

/// "50 %", "99.99 %".
std::string percent_label(unsigned count) {
  if (count == 0) return "0 %";
  if (count == 1) return "90 %";
  std::string label = "99";
  if (count > 2) label += '.';
  label.append(count - 2, '9');
  return label + " %";
}

Line line_of(const Latency& latency) {
  const Histogram& histogram = latency.histogram;
  const auto count = static_cast<double>(histogram.count());
  const auto greatest = static_cast<double>(histogram.max());
  const double end = std::min(std::log10(count), most_nines);
  Line line{latency.name, {{0, static_cast<double>(histogram.min())}}};
  double seen = 0;
  histogram.for_each([&](std::uint64_t upper_bound, std::uint64_t times) {
    const double value = std::min(static_cast<double>(upper_bound), greatest);
    // The step begins where the one before ended, which makes a flat part of it.
    line.points.push_back({std::min(nines(seen / count), end), value});
    seen += static_cast<double>(times);
    const double x = seen < count ? nines(seen / count) : end;
    line.points.push_back({std::min(x, end), value});
  });
  return line;
}

Scale percentile_scale(double most) {
  const auto count = static_cast<unsigned>(std::clamp(std::ceil(most), 1.0, most_nines));
  std::vector<Scale::Tick> ticks;
  for (unsigned i = 0; i <= count; ++i) {
    ticks.push_back({static_cast<double>(i), percent_label(i)});
    if (i == 0) ticks.push_back({nines(0.5), "50 %"});
  }
  return Scale::labelled(0, count, std::move(ticks));
}

std::string told(const std::vector<const Latency*>& latencies, double fraction) {
  std::string text = fmt::format("{:.6g} % of all within", fraction * 100);
  for (const Latency* latency : latencies) {
    text += fmt::format(
        "\n{}: {}", latency->name,
        show(static_cast<double>(latency->histogram.quantile(fraction)), Unit::duration));
  }
  return text;
}

std::string description_of(const std::vector<const Latency*>& latencies) {
  std::string text = "Latency by percentile.";
  for (const Latency* latency : latencies) {
    const auto at = [&](double fraction) {
      return show(static_cast<double>(latency->histogram.quantile(fraction)), Unit::duration);
    };
    text += fmt::format(" {}: half within {}, 99 % within {}, all within {}.", latency->name,
                        at(0.5), at(0.99), at(1));
  }
  return text;
}

}  // namespace

std::string latency_chart(const std::vector<Latency>& latencies) {
  std::vector<const Latency*> shown;
  double least = 0;
  double most = 0;
  double most_count = 1;
  for (const Latency& latency : latencies) {
    const Histogram& histogram = latency.histogram;
    if (histogram.count() == 0) continue;
    const auto low = std::max(1.0, static_cast<double>(histogram.min()));
    least = shown.empty() ? low : std::min(least, low);
    most = std::max(most, static_cast<double>(histogram.max()));
    most_count = std::max(most_count, static_cast<double>(histogram.count()));
    shown.push_back(&latency);
  }
  if (shown.empty()) return {};
  const double end = std::min(std::log10(most_count), most_nines);
  Chart chart("Latency by percentile", description_of(shown), height, percentile_scale(end),
              Scale::logarithmic(least, std::max(most, least), Unit::duration));
  for (const Latency* latency : shown) chart.add(line_of(*latency));
  constexpr double step = 0.1;
  for (double x = 0; x < std::ceil(end) - 1e-9; x += step) {
    chart.tell(x, x + step, told(shown, 1 - std::pow(10, -(x + step / 2))));
  }
  return chart.html("latency");
}

}  // namespace bench
