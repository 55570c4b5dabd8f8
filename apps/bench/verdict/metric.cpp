#include "bench/verdict/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include "cli/options/suggestion.h"

namespace bench {
namespace {

using Measured = std::optional<double>;

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

Measured per_second(const Result& result, std::uint64_t count) {
  if (result.duration.count() <= 0) return std::nullopt;
  return number(count) / result.duration.count();
}

Measured per_delivery(const Result& result, double value) {
  if (result.counts.delivered_in_time == 0) return std::nullopt;
  return value / number(result.counts.delivered_in_time);
}

/// In payload bytes per second, of what came in time.
Measured bandwidth(const Result& result) {
  const auto deliveries_per_second = per_second(result, result.counts.delivered_in_time);
  if (!deliveries_per_second || result.counts.delivered == 0) return std::nullopt;
  return *deliveries_per_second * number(result.counts.delivered_bytes) /
         number(result.counts.delivered);
}

Measured nanoseconds(const std::optional<double>& microseconds) {
  if (!microseconds) return std::nullopt;
  return *microseconds * 1000;
}

Measured expected_deliveries(const Result& result) {
  if (result.counts.expected == 0) return std::nullopt;
  return number(result.counts.expected);
}

Measured deliveries(const Result& result) {
  return number(result.counts.delivered);
}

Measured publishes(const Result& result) {
  return number(result.counts.published);
}

Measured connects_tried(const Result& result) {
  return number(result.counts.connected + result.counts.connect_failures);
}

/// A metric with a name of its own.
struct NamedMetric {
  std::string_view name;
  Unit unit;
  Better better;
  bool is_compared;  ///< says how good a broker is
  Measured (*measure)(const Result&);
  Measured (*whole)(const Result&);  ///< nullptr: none
  std::string_view meaning;
};

Measured context_switches(const Result& result) {
  if (!result.broker) return std::nullopt;
  return number(result.broker->voluntary_switches + result.broker->involuntary_switches);
}

// Every expectation of a plain name, every column of a CSV file and most lines of a comparison.
constexpr std::array named_metrics{
    NamedMetric{"rate", Unit::per_second, Better::higher, true,
                [](const Result& r) { return per_second(r, r.counts.delivered_in_time); }, nullptr,
                "deliveries per second"},
    NamedMetric{"publish-rate", Unit::per_second, Better::higher, true,
                [](const Result& r) { return per_second(r, r.counts.published); }, nullptr,
                "messages published per second"},
    NamedMetric{"bandwidth", Unit::bytes_per_second, Better::higher, false,
                [](const Result& r) { return bandwidth(r); }, nullptr,
                "payload bytes delivered per second"},
    NamedMetric{"published", Unit::count, Better::neither, false, publishes, nullptr,
                "messages published"},
    NamedMetric{"acknowledged", Unit::count, Better::neither, false,
                [](const Result& r) { return Measured(number(r.counts.acknowledged)); }, publishes,
                "QoS 1 and 2: completed publishes"},
    NamedMetric{"expected", Unit::count, Better::neither, false, expected_deliveries, nullptr,
                "deliveries that should have happened"},
    NamedMetric{"delivered", Unit::count, Better::neither, false, deliveries, expected_deliveries,
                "deliveries, duplicates not counted"},
    NamedMetric{"loss", Unit::count, Better::lower, false,
                [](const Result& r) -> Measured {
                  if (r.counts.expected == 0) return std::nullopt;
                  return number(r.counts.lost);
                },
                expected_deliveries, "lost messages"},
    NamedMetric{"duplicates", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.duplicated)); }, deliveries,
                "duplicated messages"},
    NamedMetric{"out-of-order", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.out_of_order)); }, deliveries,
                "messages that arrived after a later one"},
    NamedMetric{"corrupted", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.corrupted)); }, deliveries,
                "messages with changed content"},
    NamedMetric{"unexpected", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.unexpected)); }, deliveries,
                "messages from other publishers, or for other subscribers"},
    NamedMetric{"connected", Unit::count, Better::neither, false,
                [](const Result& r) { return Measured(number(r.counts.connected)); },
                connects_tried, "connections made"},
    NamedMetric{"connect-failures", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.connect_failures)); },
                connects_tried, "failed connection attempts"},
    NamedMetric{"disconnects", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.disconnects)); },
                [](const Result& r) { return Measured(number(r.counts.connected)); },
                "connections lost"},
    NamedMetric{"subscribe-failures", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.subscribe_failures)); },
                nullptr, "rejected subscriptions"},
    NamedMetric{"publish-failures", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.publish_failures)); },
                publishes, "publishes that were rejected or given up"},
    NamedMetric{"delayed-sends", Unit::count, Better::lower, false,
                [](const Result& r) { return Measured(number(r.counts.delayed_sends)); }, publishes,
                "open loop: sent later than due"},
    NamedMetric{"cpu/msg", Unit::duration, Better::lower, true,
                [](const Result& r) { return nanoseconds(r.broker_cpu_us_per_delivery()); },
                nullptr, "the broker's CPU time per delivery"},
    NamedMetric{"cpu", Unit::cores, Better::lower, true,
                [](const Result& r) -> Measured {
                  if (!r.broker || r.duration.count() <= 0) return std::nullopt;
                  return r.broker->cpu() / r.duration;
                },
                nullptr, "the broker's CPU time per second: 1.5 is one and a half cores"},
    NamedMetric{"switches/msg", Unit::number, Better::lower, true,
                [](const Result& r) -> Measured {
                  const Measured switches = context_switches(r);
                  return switches ? per_delivery(r, *switches) : std::nullopt;
                },
                nullptr, "the broker's context switches per delivery"},
    NamedMetric{"bytes/connection", Unit::bytes, Better::lower, true,
                [](const Result& r) { return r.broker_bytes_per_connection(); }, nullptr,
                "the broker's resident memory per connection"},
    NamedMetric{"memory", Unit::bytes, Better::lower, true,
                [](const Result& r) -> Measured {
                  if (!r.broker) return std::nullopt;
                  return number(r.broker->resident_peak);
                },
                nullptr, "the broker's resident memory at its peak"},
    NamedMetric{"broker-threads", Unit::count, Better::neither, false,
                [](const Result& r) -> Measured {
                  if (!r.broker) return std::nullopt;
                  return number(r.broker->threads);
                },
                nullptr, "the broker's threads"},
    NamedMetric{"generator-cpu/msg", Unit::duration, Better::neither, false,
                [](const Result& r) { return per_delivery(r, r.generator.cpu().count() * 1e9); },
                nullptr, "the generator's own CPU time per delivery"},
    NamedMetric{"generator-load", Unit::share, Better::neither, false,
                [](const Result& r) { return Measured(r.busiest_thread); }, nullptr,
                "load of the generator's busiest thread"},
    NamedMetric{"duration", Unit::duration, Better::neither, false,
                [](const Result& r) { return Measured(r.duration.count() * 1e9); }, nullptr,
                "length of the measured part"},
};

Metric metric_of(const NamedMetric& row) {
  return {std::string(row.name), row.unit, row.better, row.measure,
          row.whole == nullptr ? nullptr : std::function<Measured(const Result&)>(row.whole)};
}

/// What can be asked of a histogram: "p99.9", "mean", "max", "min".
using Aspect = std::function<double(const Histogram&)>;

std::optional<Aspect> aspect_named(std::string_view name) {
  if (name == "mean") return [](const Histogram& h) { return h.mean(); };
  if (name == "max") return [](const Histogram& h) { return number(h.max()); };
  if (name == "min") return [](const Histogram& h) { return number(h.min()); };
  if (name.size() < 2 || name.front() != 'p') return std::nullopt;
  double percent = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] =
      std::from_chars(name.data() + 1, end, percent, std::chars_format::fixed);
  const bool is_percentage = percent >= 0 && percent <= 100;  // which NaN is not
  if (error != std::errc() || rest != end || !is_percentage) return std::nullopt;
  return [fraction = percent / 100](const Histogram& h) { return number(h.quantile(fraction)); };
}

/// `latency` is empty for the run's main one.
Metric latency_metric(std::string_view name, std::string_view latency, const Aspect& aspect) {
  return {std::string(name), Unit::duration, Better::lower,
          [latency = std::string(latency), aspect](const Result& result) -> Measured {
            const Latency* found = latency.empty()
                                       ? (result.latencies.empty() ? nullptr : &result.latencies[0])
                                       : result.latency(latency);
            if (found == nullptr || found->histogram.count() == 0) return std::nullopt;
            return aspect(found->histogram);
          },
          nullptr};
}

Metric figure_metric(std::string_view name, std::string_view unit_name, Better better) {
  const NamedUnit unit = unit_named(unit_name);
  return {std::string(name), unit.unit, better,
          [name = std::string(name)](const Result& result) -> Measured {
            const auto found =
                std::find_if(result.figures.begin(), result.figures.end(),
                             [&](const Figure& figure) { return figure.name == name; });
            if (found == result.figures.end()) return std::nullopt;
            return found->value * unit_named(found->unit).in_base;
          },
          nullptr};
}

std::optional<Metric> find_latency_metric(std::string_view name) {
  if (const auto aspect = aspect_named(name)) return latency_metric(name, "", *aspect);
  const std::size_t point = name.find('.');
  if (point == std::string_view::npos) return std::nullopt;
  const auto aspect = aspect_named(name.substr(point + 1));
  if (!aspect) return std::nullopt;
  const std::string_view latency = name.substr(0, point);
  for (const LatencyRow& row : latency_rows()) {
    if (row.name == latency) return latency_metric(name, latency, *aspect);
  }
  return std::nullopt;
}

/// What a mistyped name may have been meant to be.
std::vector<std::string> candidate_names() {
  std::vector<std::string> names{"p50", "p90", "p99", "p99.9", "p99.99", "min", "mean", "max"};
  for (const LatencyRow& row : latency_rows()) {
    for (const std::string_view aspect : {"p50", "p99", "p99.9", "mean", "max"}) {
      names.push_back(fmt::format("{}.{}", row.name, aspect));
    }
  }
  for (const NamedMetric& row : named_metrics) names.emplace_back(row.name);
  for (const FigureRow& row : figure_rows()) names.emplace_back(row.name);
  return names;
}

}  // namespace

std::vector<MetricRow> metric_rows() {
  std::vector<MetricRow> rows{
      {"p<N>", "the latency within which N % of all messages arrived: p50, p99.9"},
      {"min, mean, max", "the minimum, mean and maximum latency"},
  };
  for (const LatencyRow& row : latency_rows()) {
    rows.push_back({fmt::format("{}.p<N>", row.name), fmt::format("the same, {}", row.meaning)});
  }
  for (const NamedMetric& row : named_metrics) {
    rows.push_back({std::string(row.name), std::string(row.meaning)});
  }
  for (const FigureRow& row : figure_rows()) {
    rows.push_back({std::string(row.name), std::string(row.meaning)});
  }
  return rows;
}

std::string metric_help() {
  const std::vector<MetricRow> rows = metric_rows();
  std::size_t width = 0;
  for (const MetricRow& row : rows) width = std::max(width, row.name.size());
  std::string out;
  for (const MetricRow& row : rows) {
    fmt::format_to(std::back_inserter(out), "  {:<{}}  {}\n", row.name, width, row.meaning);
  }
  return out;
}

tl::expected<Metric, std::string> find_metric(std::string_view name) {
  for (const NamedMetric& row : named_metrics) {
    if (row.name == name) return metric_of(row);
  }
  for (const FigureRow& row : figure_rows()) {
    if (row.name == name) return figure_metric(row.name, row.unit, row.better);
  }
  if (auto latency = find_latency_metric(name)) return *std::move(latency);
  if (name.size() > 1 && name[0] == 'p' && name[1] >= '0' && name[1] <= '9') {
    return tl::unexpected(std::string("a percentile lies between p0 and p100"));
  }
  return tl::unexpected(
      fmt::format("there is no metric \"{}\"{}", name, cli::suggestion(name, candidate_names())));
}

std::vector<Metric> plain_metrics() {
  std::vector<Metric> metrics;
  for (const NamedMetric& row : named_metrics) metrics.push_back(metric_of(row));
  return metrics;
}

std::vector<Metric> comparable_metrics(const Result& result) {
  std::vector<Metric> metrics;
  for (const NamedMetric& row : named_metrics) {
    if (row.is_compared) metrics.push_back(metric_of(row));
  }
  for (const Latency& latency : result.latencies) {
    for (const std::string_view aspect : {"p50", "p99", "p99.9"}) {
      metrics.push_back(latency_metric(fmt::format("{}.{}", latency.name, aspect), latency.name,
                                       *aspect_named(aspect)));
    }
  }
  for (const Figure& figure : result.figures) {
    const auto rows = figure_rows();
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const FigureRow& r) { return r.name == figure.name; });
    metrics.push_back(
        figure_metric(figure.name, figure.unit, row == rows.end() ? Better::neither : row->better));
  }
  return metrics;
}

}  // namespace bench
