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

/// A number that can be asked of a Result: by an expectation, or to compare runs.
struct Metric {
  std::string name;  ///< "p99", "connect.p99.9", "cpu/msg", "drain-rate"
  Unit unit = Unit::number;
  Better better = Better::neither;
  /// nullopt: this run did not measure it.
  std::function<std::optional<double>(const Result&)> measure;
  /// What a value in % is a share of; empty: a percentage makes no sense.
  std::function<std::optional<double>(const Result&)> whole;
};

/// A row of the table of metrics that parser, help and man page share. A name in angle brackets
/// stands for many: `<latency>.p<N>`.
struct MetricRow {
  std::string name;
  std::string meaning;
};

std::vector<MetricRow> metric_rows();

/// The table, two aligned columns, each line indented by two spaces.
std::string metric_help();

/// By its name, or why there is none ("there is no metric ..., did you mean ...?").
tl::expected<Metric, std::string> find_metric(std::string_view name);

/// Those with a name of their own, in the order of the table: not the latencies, not the figures.
std::vector<Metric> plain_metrics();

/// What is worth comparing between runs: those of the table that say how good a broker is, and the
/// figures and latencies that `result` has.
std::vector<Metric> comparable_metrics(const Result& result);

}  // namespace bench
