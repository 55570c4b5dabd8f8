#include "bench/report/json.h"

#include <array>
#include <cmath>

#include "bench/report/result_fields.h"
#include "bench/report/text_encoding.h"
#include "cli/output/json_writer.h"

namespace bench {
namespace {

using cli::JsonWriter;

constexpr std::uint64_t format_version = 1;

/// Writes a key and its value; what is not a number in JSON becomes null.
class FieldWriter {
 public:
  explicit FieldWriter(JsonWriter& json) : json_(json) {}

  template <class Value>
  void operator()(std::string_view name, const Value& value) {
    json_.key(name);
    write(value);
  }

 private:
  void write(bool value) { json_.boolean(value); }
  void write(std::uint64_t value) { json_.integer(value); }
  void write(unsigned value) { json_.integer(value); }
  void write(int value) { json_.integer(value < 0 ? 0 : static_cast<std::uint64_t>(value)); }
  void write(double value) { std::isfinite(value) ? json_.number(value) : json_.null(); }
  void write(const std::string& value) { json_.string(valid_utf8(value)); }
  void write(std::string_view value) { json_.string(valid_utf8(value)); }
  void write(Seconds value) { write(value.count()); }
  void write(std::chrono::system_clock::time_point value) { json_.string(utc_text(value)); }
  template <class Value>
  void write(const std::optional<Value>& value) {
    if (!value) return json_.null();
    write(*value);
  }

  JsonWriter& json_;
};

template <class Object, class Visit>
void write_object(JsonWriter& json, std::string_view key, const Object& object, Visit visit) {
  json.key(key);
  json.begin_object();
  visit(FieldWriter(json), object);
  json.end_object();
}

template <class List, class WriteItem>
void write_list(JsonWriter& json, std::string_view key, const List& list, WriteItem write_item) {
  json.key(key);
  json.begin_array();
  for (const auto& item : list) write_item(item);
  json.end_array();
}

template <class List, class Visit>
void write_objects(JsonWriter& json, std::string_view key, const List& list, Visit visit) {
  write_list(json, key, list, [&](const auto& item) {
    json.begin_object();
    visit(FieldWriter(json), item);
    json.end_object();
  });
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  write_list(json, key, texts, [&](const std::string& text) { json.string(valid_utf8(text)); });
}

void write_latency(JsonWriter& json, const Latency& latency) {
  struct Quantile {
    std::string_view key;
    double fraction;
  };
  static constexpr std::array quantiles{Quantile{"p50_ns", 0.5}, Quantile{"p90_ns", 0.9},
                                        Quantile{"p99_ns", 0.99}, Quantile{"p99_9_ns", 0.999},
                                        Quantile{"p99_99_ns", 0.9999}};
  const Histogram& histogram = latency.histogram;
  FieldWriter field(json);
  json.begin_object();
  field("name", latency.name);
  field("from_due_time", latency.from_due_time);
  field("count", histogram.count());
  field("min_ns", histogram.min());
  field("mean_ns", histogram.mean());
  for (const Quantile& quantile : quantiles)
    field(quantile.key, histogram.quantile(quantile.fraction));
  field("max_ns", histogram.max());
  json.key("histogram");
  json.begin_array();
  histogram.for_each([&json](std::uint64_t upper_bound, std::uint64_t count) {
    json.begin_array();
    json.integer(upper_bound);
    json.integer(count);
    json.end_array();
  });
  json.end_array();
  json.end_object();
}

/// What can be computed from the rest, for readers that want no arithmetic.
void write_rates(JsonWriter& json, const Result& result) {
  FieldWriter field(json);
  json.key("rates");
  json.begin_object();
  field("delivered_per_s", result.delivered_per_second());
  field("published_per_s", result.published_per_second());
  field("broker_cpu_us_per_delivery", result.broker_cpu_us_per_delivery());
  field("broker_bytes_per_connection", result.broker_bytes_per_connection());
  json.end_object();
}

void write_spread(JsonWriter& json, std::string_view key, const Spread& spread) {
  FieldWriter field(json);
  json.key(key);
  json.begin_object();
  field("median", spread.median);
  field("least", spread.least);
  field("most", spread.most);
  write_list(json, "values", spread.values, [&json](double value) { json.number(value); });
  json.end_object();
}

void write_side(JsonWriter& json, std::string_view key, const std::string& name, std::size_t runs) {
  FieldWriter field(json);
  json.key(key);
  json.begin_object();
  field("name", name);
  field("runs", std::uint64_t{runs});
  json.end_object();
}

void write_metric(JsonWriter& json, const MetricComparison& metric) {
  FieldWriter field(json);
  json.begin_object();
  field("metric", metric.metric.name);
  field("unit", base_name(metric.metric.unit));
  write_spread(json, "a", metric.a);
  write_spread(json, "b", metric.b);
  field("ratio", metric.ratio);
  json.key("ratio_interval");
  if (metric.interval) {
    json.begin_array();
    json.number(metric.interval->low);
    json.number(metric.interval->high);
    json.end_array();
  } else {
    json.null();
  }
  field("p", metric.p);
  field("finding", name_of(metric.finding));
  json.end_object();
}

}  // namespace

std::string to_json(const Result& result) {
  std::string out;
  JsonWriter json(out, JsonWriter::Style::pretty);
  FieldWriter field(json);
  json.begin_object();
  field("format", std::string_view("mqtt-bench result"));
  field("format_version", format_version);
  field("passed", result.passed());
  write_texts(json, "failures", result.failures);
  write_objects(json, "checks", result.checks,
                [](auto&& visitor, const Check& check) { visit_check(visitor, check); });
  write_texts(json, "notes", result.notes);
  write_object(json, "settings", result.settings,
               [](auto&& visitor, const auto& settings) { visit_settings(visitor, settings); });
  visit_outcome(field, result);
  write_rates(json, result);
  write_object(json, "counts", result.counts,
               [](auto&& visitor, const auto& counts) { visit_counts(visitor, counts); });
  write_objects(json, "figures", result.figures,
                [](auto&& visitor, const Figure& figure) { visit_figure(visitor, figure); });
  const auto visit_process = [](auto&& visitor, const auto& usage) { visit_usage(visitor, usage); };
  if (result.broker) {
    write_object(json, "broker", *result.broker, visit_process);
  } else {
    json.key("broker");
    json.null();
  }
  write_object(json, "generator", result.generator, visit_process);
  write_list(json, "latencies", result.latencies,
             [&json](const Latency& latency) { write_latency(json, latency); });
  write_objects(json, "intervals", result.intervals,
                [](auto&& visitor, const auto& interval) { visit_interval(visitor, interval); });
  json.end_object();
  return out + '\n';
}

std::string to_json(const Comparison& comparison) {
  std::string out;
  JsonWriter json(out, JsonWriter::Style::pretty);
  FieldWriter field(json);
  json.begin_object();
  field("format", std::string_view("mqtt-bench comparison"));
  field("format_version", format_version);
  write_side(json, "a", comparison.a_name, comparison.a_runs);
  write_side(json, "b", comparison.b_name, comparison.b_runs);
  write_list(json, "metrics", comparison.metrics,
             [&json](const MetricComparison& metric) { write_metric(json, metric); });
  write_texts(json, "doubts", comparison.doubts);
  write_objects(json, "checks", comparison.checks,
                [](auto&& visitor, const Check& check) { visit_check(visitor, check); });
  json.end_object();
  return out + '\n';
}

}  // namespace bench
