#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "bench/result/name_table.h"
#include "bench/result/quantity.h"
#include "bench/result/result.h"

namespace bench {

/// A number derived from a Result, for expectations and comparisons.
struct Metric {
  std::string name;  ///< "p99", "connect.p99.9", "cpu/msg", "drain-rate"
  Unit unit = Unit::number;
  Better better = Better::neither;
  /// nullopt: the run did not measure it.
  std::function<std::optional<double>(const Result&)> measure;
  /// The total of a percentage; empty: percentages make no sense.
  std::function<std::optional<double>(const Result&)> whole;
};

/// A row of the table of metrics, shared by parser, help and man page. A part in angle brackets has
/// many values: `<latency>.p<N>`.
struct MetricRow {
  std::string name;
  std::string meaning;
};

std::vector<MetricRow> metric_rows();

/// The table, two aligned columns, each line indented by two spaces.
std::string metric_help();

/// The metric of this name, or the error ("there is no metric ..., did you mean ...?").
tl::expected<Metric, std::string> find_metric(std::string_view name);

/// Those with a fixed name, in the order of the table: not the latencies, not the figures.
std::vector<Metric> plain_metrics();

/// The metrics to compare: those of the table that measure the quality of a broker, and the figures
/// and latencies of `result`.
std::vector<Metric> comparable_metrics(const Result& result);

}  // namespace bench
