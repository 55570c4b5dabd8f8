#include "bench/report/time_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "bench/report/chart.h"

namespace bench {
namespace {

constexpr double height = 200;
constexpr std::size_t most_points = 240;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

using Value = std::function<double(const Interval&)>;

struct Series {
  std::string name;
  Value value;
};

double end_of(const Interval& interval) {
  return (interval.begin + interval.length).count();
}

double per_second(std::uint64_t count, const Interval& interval) {
  return interval.length.count() > 0 ? static_cast<double>(count) / interval.length.count() : 0;
}

double seen(std::uint64_t nanoseconds) {
  return nanoseconds == 0 ? nothing : static_cast<double>(nanoseconds);
}

/// One chart of the time line.
class TimeChart {
 public:
  TimeChart(std::string title, Unit unit, const std::vector<Interval>& intervals)
      : title_(std::move(title)), unit_(unit), intervals_(intervals) {}

  TimeChart& add(std::string name, Value value) {
    series_.push_back({std::move(name), std::move(value)});
    return *this;
  }

  /// Empty if all values are 0 or missing.
  std::string html(std::string_view id, bool is_logarithmic) const {
    double least = std::numeric_limits<double>::max();
    double most = 0;
    for (const Series& series : series_) {
      for (const Interval& interval : intervals_) {
        const double value = series.value(interval);
        if (!(value > 0)) continue;
        least = std::min(least, value);
        most = std::max(most, value);
      }
    }
    if (most <= 0) return {};
    Chart chart(title_, description(most), height,
                Scale::time(intervals_.front().begin.count(), end_of(intervals_.back())),
                is_logarithmic ? Scale::logarithmic(least, most, unit_)
                               : Scale::linear(most * 1.05, unit_));
    shade_unmeasured(chart);
    for (const Series& series : series_) chart.add(line_of(series));
    for (const Interval& interval : intervals_) {
      chart.tell(interval.begin.count(), end_of(interval), told(interval));
    }
    return chart.html(id);
  }

 private:
  std::string description(double most) const {
    return fmt::format(
        "{} over {}, at most {}.", title_,
        show((end_of(intervals_.back()) - intervals_.front().begin.count()) * 1e9, Unit::duration),
        show(most, unit_));
  }

  /// What lies before and behind the measured part.
  void shade_unmeasured(Chart& chart) const {
    const auto is_measured = [](const Interval& i) { return !i.is_warm_up; };
    const auto first = std::find_if(intervals_.begin(), intervals_.end(), is_measured);
    if (first != intervals_.begin()) {
      chart.shade(intervals_.front().begin.count(), end_of(*(first - 1)), "warm-up");
    }
    const auto last = std::find_if(intervals_.rbegin(), intervals_.rend(), is_measured);
    if (last != intervals_.rbegin() && last != intervals_.rend()) {
      chart.shade(end_of(*last), end_of(intervals_.back()), "");
    }
  }

  Line line_of(const Series& series) const {
    Line line{series.name, {}};
    for (const Interval& interval : intervals_) {
      const double middle = (interval.begin + interval.length / 2).count();
      line.points.push_back({middle, series.value(interval)});
    }
    return line;
  }

  std::string told(const Interval& interval) const {
    std::string text =
        fmt::format("{:.4g} s to {:.4g} s", interval.begin.count(), end_of(interval));
    for (const Series& series : series_) {
      text += fmt::format("\n{}: {}", series.name, show(series.value(interval), unit_));
    }
    return text;
  }

  std::string title_;
  Unit unit_;
  const std::vector<Interval>& intervals_;
  std::vector<Series> series_;
};

void merge(Interval& into, const Interval& next) {
  const double before = into.length.count();
  const double both = before + next.length.count();
  if (both > 0) {
    into.broker_cpu = (into.broker_cpu * before + next.broker_cpu * next.length.count()) / both;
  }
  into.length += next.length;
  into.published += next.published;
  into.delivered += next.delivered;
  into.connected += next.connected;
  // A median of medians is none, but it lies between them; of the rest the worst counts.
  into.p50 = std::max(into.p50, next.p50);
  into.p99 = std::max(into.p99, next.p99);
  into.max = std::max(into.max, next.max);
  into.broker_resident = std::max(into.broker_resident, next.broker_resident);
}

}  // namespace

std::vector<Interval> condensed(const std::vector<Interval>& intervals, std::size_t most) {
  const std::size_t together = (intervals.size() + most - 1) / most;
  std::vector<Interval> out;
  std::size_t merged = 0;
  for (const Interval& interval : intervals) {
    if (out.empty() || merged == together || out.back().is_warm_up != interval.is_warm_up) {
      out.push_back(interval);
      merged = 1;
    } else {
      merge(out.back(), interval);
      ++merged;
    }
  }
  return out;
}

std::string time_charts(const Result& result) {
  if (result.intervals.empty()) return {};
  const std::vector<Interval> intervals = condensed(result.intervals, most_points);
  std::string out;
  out += TimeChart("Throughput", Unit::per_second, intervals)
             .add("delivered", [](const Interval& i) { return per_second(i.delivered, i); })
             .add("published", [](const Interval& i) { return per_second(i.published, i); })
             .html("throughput", false);
  out += TimeChart("Latency over time", Unit::duration, intervals)
             .add("p50", [](const Interval& i) { return seen(i.p50); })
             .add("p99", [](const Interval& i) { return seen(i.p99); })
             .add("max", [](const Interval& i) { return seen(i.max); })
             .html("latency-time", true);
  const bool has_connects = std::any_of(intervals.begin(), intervals.end(), [](const Interval& i) {
    return i.delivered == 0 && i.published == 0 && i.connected != 0;
  });
  if (has_connects) {
    out += TimeChart("Connections made", Unit::per_second, intervals)
               .add("connected", [](const Interval& i) { return per_second(i.connected, i); })
               .html("connections", false);
  }
  if (!result.broker) return out;
  out += TimeChart("Broker: CPU time per second, in cores", Unit::cores, intervals)
             .add("CPU", [](const Interval& i) { return i.broker_cpu; })
             .html("cpu", false);
  out +=
      TimeChart("Broker: resident memory", Unit::bytes, intervals)
          .add("memory", [](const Interval& i) { return static_cast<double>(i.broker_resident); })
          .html("memory", false);
  return out;
}

}  // namespace bench
