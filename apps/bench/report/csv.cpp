#include "bench/report/csv.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "bench/report/result_fields.h"
#include "bench/report/text_encoding.h"
#include "bench/report/text_file.h"
#include "bench/verdict/metric.h"

namespace bench {
namespace {

constexpr std::size_t most_table_bytes = std::size_t{256} << 20;

/// Cells between commas. A cell is quoted where it must be.
class Row {
 public:
  void add(std::string_view cell) {
    if (!text_.empty() || has_cells_) text_ += ',';
    has_cells_ = true;
    if (cell.find_first_of(",\"\n\r") == std::string_view::npos) {
      text_ += cell;
      return;
    }
    text_ += '"';
    for (const char c : cell) {
      if (c == '"') text_ += '"';
      text_ += c;
    }
    text_ += '"';
  }

  void add_value(bool value) { add(value ? "1" : "0"); }
  void add_value(std::uint64_t value) { add(fmt::format("{}", value)); }
  void add_value(unsigned value) { add(fmt::format("{}", value)); }
  void add_value(int value) { add(fmt::format("{}", value)); }
  void add_value(double value) { add(std::isfinite(value) ? fmt::format("{:.10g}", value) : ""); }
  void add_value(const std::string& value) { add(valid_utf8(value)); }
  void add_value(Seconds value) { add_value(value.count()); }
  void add_value(std::chrono::system_clock::time_point value) { add(utc_text(value)); }
  template <class Value>
  void add_value(const std::optional<Value>& value) {
    if (value) {
      add_value(*value);
    } else {
      add("");
    }
  }

  std::string take() { return std::move(text_) + '\n'; }

 private:
  std::string text_;
  bool has_cells_ = false;
};

/// "cpu/msg" in ns is the column "cpu/msg_ns"; a rate or a count speaks for itself.
std::string column_name(const Metric& metric) {
  switch (metric.unit) {
    case Unit::duration:
      return metric.name + "_ns";
    case Unit::bytes:
      return metric.name == "bytes/connection" ? metric.name : metric.name + "_bytes";
    case Unit::cores:
      return metric.name + "_cores";
    default:
      return metric.name;
  }
}

/// Every metric of the table: what has a name of its own, the latencies, the figures.
const std::vector<Metric>& columns() {
  static const std::vector<Metric> made = [] {
    std::vector<Metric> metrics = plain_metrics();
    const auto add = [&metrics](const std::string& name) {
      if (auto metric = find_metric(name)) metrics.push_back(*std::move(metric));
    };
    for (const LatencyRow& row : latency_rows()) {
      for (const char* aspect : {"p50", "p90", "p99", "p99.9", "p99.99", "max", "mean"}) {
        add(fmt::format("{}.{}", row.name, aspect));
      }
    }
    for (const FigureRow& row : figure_rows()) add(std::string(row.name));
    return metrics;
  }();
  return made;
}

tl::expected<void, std::string> append(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "ae");
  const bool is_written = file != nullptr &&
                          std::fwrite(text.data(), 1, text.size(), file) == text.size() &&
                          std::fflush(file) == 0;
  const std::string message = cannot("write", path);
  if (file != nullptr) std::fclose(file);
  if (is_written) return {};
  return tl::unexpected(message);
}

}  // namespace

std::string csv_header() {
  Row row;
  visit_settings([&row](const char* name, const auto&) { row.add(name); }, RunSettings());
  for (const char* name : {"passed", "interrupted", "limited_by_generator"}) row.add(name);
  for (const Metric& metric : columns()) row.add(column_name(metric));
  return row.take();
}

std::string csv_row(const Result& result) {
  Row row;
  visit_settings([&row](const char*, const auto& value) { row.add_value(value); }, result.settings);
  row.add_value(result.passed());
  row.add_value(result.interrupted);
  row.add_value(!result.limited_by_generator.empty());
  for (const Metric& metric : columns()) row.add_value(metric.measure(result));
  return row.take();
}

tl::expected<void, std::string> append_csv(const std::string& path, const Result& result) {
  const std::string header = csv_header();
  if (path == "-") return write_file(path, header + csv_row(result));
  std::string before;
  if (exists(path)) {
    auto text = read_file(path, most_table_bytes);
    if (!text) return tl::unexpected(std::move(text.error()));
    before = *std::move(text);
  }
  if (before.empty()) return append(path, header + csv_row(result));
  if (!before.starts_with(header)) {
    return tl::unexpected(
        fmt::format("\"{}\" has different columns from those of this version of mqtt-bench; choose "
                    "another file",
                    path));
  }
  // A row that was cut short stays one row.
  return append(path, (before.back() == '\n' ? "" : "\n") + csv_row(result));
}

std::string interval_csv(const Result& result) {
  Row header;
  visit_interval([&header](const char* name, const auto&) { header.add(name); }, Interval());
  std::string out = header.take();
  for (const Interval& interval : result.intervals) {
    Row row;
    visit_interval([&row](const char*, const auto& value) { row.add_value(value); }, interval);
    out += row.take();
  }
  return out;
}

}  // namespace bench
