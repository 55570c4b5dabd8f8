#include "bench/report/summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/report/comparison_words.h"
#include "bench/report/run_words.h"
#include "bench/report/text_encoding.h"
#include "bench/report/text_table.h"
#include "bench/result/quantity.h"

namespace bench {
namespace {

using Colour = Paint::Colour;

/// Puts the parts of a summary below one another, an empty line between them.
class Sheet {
 public:
  void begin_part() {
    if (!text_.empty()) text_ += '\n';
  }
  void line(const std::string& text) { text_ += text + '\n'; }
  void table(const TextTable& table) {
    for (const std::string& row : table.lines(2)) line(row);
  }
  /// The first row names the columns.
  void headed_table(const TextTable& table, const Paint& paint) {
    const std::vector<std::string> rows = table.lines(2);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      line(i == 0 ? paint(Colour::dim, rows[i]) : rows[i]);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string painted_verdict(const Result& result, const Paint& paint) {
  const std::string word = verdict_word(result);
  if (!result.passed()) return paint(Colour::red, word);
  return paint(result.interrupted ? Colour::yellow : Colour::green, word);
}

void add_head(Sheet& sheet, const Result& result, const Paint& paint) {
  sheet.line(paint(Colour::bold, run_title(result.settings)));
  const std::string load = load_words(result.settings);
  std::string about = fmt::format("{}, MQTT {}, {}", printable(result.settings.broker),
                                  printable(result.settings.protocol),
                                  show(result.duration.count() * 1e9, Unit::duration));
  if (!load.empty()) about += ", " + load;
  if (result.interrupted) about += ", interrupted";
  sheet.line(paint(Colour::dim, about));
}

void add_verdict(Sheet& sheet, const Result& result, const Paint& paint) {
  sheet.begin_part();
  sheet.line("verdict: " + painted_verdict(result, paint));
  for (const std::string& failure : result.failures) {
    sheet.line("  " + paint(Colour::red, "✗ " + printable(failure)));
  }
  for (const Check& check : result.checks) {
    if (!check.passed) continue;  // stands among the failures
    sheet.line(paint(Colour::green, "  ✓ ") + printable(check.expectation) + ": it is " +
               check.measured);
  }
}

void add_rates(Sheet& sheet, const Result& result) {
  const Counts& counts = result.counts;
  TextTable table;
  if (counts.delivered != 0 || counts.expected != 0) {
    table.add({"delivered", show_count(counts.delivered),
               show(result.delivered_per_second(), Unit::per_second)});
  }
  if (counts.published != 0) {
    table.add({"published", show_count(counts.published),
               show(result.published_per_second(), Unit::per_second)});
  }
  if (counts.acknowledged != 0) table.add({"acknowledged", show_count(counts.acknowledged)});
  table.add({"connected", show_count(counts.connected)});
  for (const Figure& figure : result.figures) {
    const NamedUnit unit = unit_named(figure.unit);
    table.add({printable(figure.name), show(figure.value * unit.in_base, unit.unit)});
  }
  sheet.begin_part();
  sheet.table(table);
}

/// What went wrong with messages and connections; a line even if nothing did, since that is a
/// finding too.
void add_correctness(Sheet& sheet, const Result& result, const Paint& paint) {
  struct Row {
    const char* name;
    std::uint64_t count;
  };
  const Counts& counts = result.counts;
  const Row rows[] = {
      {"lost", counts.lost},
      {"duplicated", counts.duplicated},
      {"out of order", counts.out_of_order},
      {"corrupted", counts.corrupted},
      {"unexpected", counts.unexpected},
      {"connect failures", counts.connect_failures},
      {"disconnects", counts.disconnects},
      {"subscribe failures", counts.subscribe_failures},
      {"publish failures", counts.publish_failures},
      {"delayed sends", counts.delayed_sends},
  };
  TextTable table;
  for (const Row& row : rows) {
    if (row.count != 0) table.add({row.name, show_count(row.count)});
  }
  sheet.begin_part();
  if (table.is_empty()) {
    sheet.line(counts.expected == 0
                   ? "  nothing duplicated, out of order, corrupted or refused"
                   : "  nothing lost, duplicated, out of order, corrupted or refused");
    return;
  }
  for (const std::string& row : table.lines(2)) sheet.line(paint(Colour::yellow, row));
}

void add_latencies(Sheet& sheet, const Result& result, const Paint& paint) {
  TextTable table;
  table.add({"latency", "p50", "p90", "p99", "p99.9", "p99.99", "max", "mean", "count"});
  bool from_due_time = false;
  bool any = false;
  for (const Latency& latency : result.latencies) {
    const Histogram& histogram = latency.histogram;
    if (histogram.count() == 0) continue;
    any = true;
    from_due_time = from_due_time || latency.from_due_time;
    std::vector<std::string> row{printable(latency.name) + (latency.from_due_time ? " *" : "")};
    for (const double fraction : {0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
      row.push_back(show(static_cast<double>(histogram.quantile(fraction)), Unit::duration));
    }
    row.push_back(show(histogram.mean(), Unit::duration));
    row.push_back(show_count(histogram.count()));
    table.add(std::move(row));
  }
  if (!any) return;
  sheet.begin_part();
  sheet.headed_table(table, paint);
  if (from_due_time) {
    sheet.line(paint(Colour::dim, "  * measured from when the message was due"));
  }
}

std::vector<std::string> usage_row(std::string name, const ProcessUsage& usage,
                                   const Result& result) {
  const double seconds = result.duration.count();
  std::string per_delivery = "–";
  if (const std::uint64_t deliveries = result.counts.delivered_in_time; deliveries != 0) {
    per_delivery =
        show(usage.cpu().count() * 1e9 / static_cast<double>(deliveries), Unit::duration);
  }
  return {std::move(name),
          seconds > 0 ? show(usage.cpu().count() / seconds, Unit::cores) : "–",
          per_delivery,
          show(static_cast<double>(usage.resident_peak), Unit::bytes),
          show_count(usage.threads),
          show_count(usage.voluntary_switches + usage.involuntary_switches)};
}

void add_processes(Sheet& sheet, const Result& result, const Paint& paint) {
  TextTable table;
  table.add({"process", "CPU", "CPU/delivery", "memory", "threads", "switches"});
  if (result.broker) {
    table.add(usage_row("broker " + printable(result.broker->command), *result.broker, result));
  }
  table.add(usage_row("generator", result.generator, result));
  sheet.begin_part();
  sheet.headed_table(table, paint);
  if (const auto bytes = result.broker_bytes_per_connection()) {
    sheet.line("  broker memory per connection: " + show(*bytes, Unit::bytes));
  }
}

void add_cautions(Sheet& sheet, const Result& result, const Paint& paint) {
  if (result.limited_by_generator.empty() && result.notes.empty()) return;
  sheet.begin_part();
  if (!result.limited_by_generator.empty()) {
    sheet.line(paint(Colour::yellow, "  the generator was the limit: ") +
               printable(result.limited_by_generator));
  }
  for (const std::string& note : result.notes) sheet.line("  note: " + printable(note));
}

Colour colour_of(Finding finding) {
  if (finding == Finding::better) return Colour::green;
  return finding == Finding::worse ? Colour::red : Colour::dim;
}

void add_metrics(Sheet& sheet, const Comparison& comparison, const Paint& paint) {
  TextTable table;
  table.add({"median", "A", "", "B", "", "B/A", "95 %", "B is"});
  for (const MetricComparison& row : comparison.metrics) {
    table.add({row.metric.name, median_words(row.a, row.metric), spread_words(row.a),
               median_words(row.b, row.metric), spread_words(row.b), ratio_words(row.ratio),
               interval_words(row.interval), std::string(name_of(row.finding))});
  }
  const std::vector<std::string> lines = table.lines(2);
  sheet.begin_part();
  sheet.line(paint(Colour::dim, lines[0]));
  for (std::size_t i = 0; i < comparison.metrics.size(); ++i) {
    const Finding finding = comparison.metrics[i].finding;
    const std::string_view word = name_of(finding);
    const std::string_view line(lines[i + 1]);
    sheet.line(std::string(line.substr(0, line.size() - word.size())) +
               paint(colour_of(finding), word));
  }
}

}  // namespace

std::string summary(const Result& result, const Paint& paint) {
  Sheet sheet;
  add_head(sheet, result, paint);
  add_verdict(sheet, result, paint);
  add_rates(sheet, result);
  add_correctness(sheet, result, paint);
  add_latencies(sheet, result, paint);
  add_processes(sheet, result, paint);
  add_cautions(sheet, result, paint);
  return sheet.take();
}

std::string summary(const Comparison& comparison, const Paint& paint) {
  Sheet sheet;
  sheet.line(fmt::format("A: {}, {}", printable(comparison.a_name), run_count(comparison.a_runs)));
  sheet.line(fmt::format("B: {}, {}", printable(comparison.b_name), run_count(comparison.b_runs)));
  add_metrics(sheet, comparison, paint);
  const bool is_undecided =
      std::any_of(comparison.metrics.begin(), comparison.metrics.end(),
                  [](const auto& row) { return row.finding == Finding::cannot_tell; });
  if (is_undecided) {
    sheet.line(paint(Colour::dim, "  cannot tell: " + too_few_runs_words()));
  }
  if (!comparison.doubts.empty()) sheet.begin_part();
  for (const std::string& doubt : comparison.doubts) {
    sheet.line(paint(Colour::yellow, "  be careful: ") + printable(doubt));
  }
  if (!comparison.checks.empty()) sheet.begin_part();
  for (const Check& check : comparison.checks) {
    sheet.line(fmt::format("  {} B/A {}: it is {}",
                           check.passed ? paint(Colour::green, "✓") : paint(Colour::red, "✗"),
                           printable(check.expectation), check.measured));
  }
  return sheet.take();
}

}  // namespace bench
