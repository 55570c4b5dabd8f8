#include "bench/report/comparison_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/report/comparison_words.h"
#include "bench/report/html.h"
#include "bench/report/latency_chart.h"
#include "bench/report/page_parts.h"
#include "bench/report/run_dots.h"
#include "bench/report/run_words.h"
#include "bench/report/text_encoding.h"

namespace bench {
namespace {

std::string title_of(const Comparison& comparison) {
  return fmt::format("{} (A) and {} (B)", comparison.a_name, comparison.b_name);
}

bool is_as_expected(const Comparison& comparison) {
  return std::all_of(comparison.checks.begin(), comparison.checks.end(),
                     [](const Check& check) { return check.passed; });
}

std::string header(const Comparison& comparison, const Result& first) {
  std::string verdict;
  if (!comparison.checks.empty()) {
    const bool passed = is_as_expected(comparison);
    verdict = fmt::format("<p class=\"verdict {}\">{}</p>\n", passed ? "passed" : "failed",
                          passed ? "as expected" : "not as expected");
  }
  return fmt::format(
      "<header>\n{}<h1>{}</h1>\n<p>{}</p>\n<p>{} of A, {} of B, from {}</p>\n</header>\n", verdict,
      escaped(title_of(comparison)), escaped(run_title(first.settings)),
      run_count(comparison.a_runs), run_count(comparison.b_runs),
      utc_text(first.settings.started_at));
}

std::string verdict(const Comparison& comparison) {
  std::string items;
  for (const Check& check : comparison.checks) {
    items += check_item(check.passed,
                        fmt::format("B/A {}: it is {}", check.expectation, check.measured));
  }
  return html_section("Verdict", items.empty() ? "" : "<ul>\n" + items + "</ul>\n");
}

std::string cautions(const Comparison& comparison) {
  std::vector<std::string> texts = comparison.doubts;
  if (!can_tell(comparison.a_runs, comparison.b_runs)) texts.push_back(too_few_runs_words());
  if (texts.empty()) return {};
  std::string lines;
  for (const std::string& text : texts) lines += "<p>" + escaped(text) + "</p>\n";
  return "<section class=\"care\">\n<h2>Be careful</h2>\n" + lines + "</section>\n";
}

std::string_view class_of(Finding finding) {
  switch (finding) {
    case Finding::better:
      return "good";
    case Finding::worse:
      return "bad";
    default:
      return "plain";
  }
}

std::string medians(const Comparison& comparison) {
  std::string rows;
  for (const MetricComparison& row : comparison.metrics) {
    fmt::format_to(std::back_inserter(rows), "<tr><th scope=\"row\">{}</th>",
                   escaped(row.metric.name));
    for (const std::string& cell :
         {median_words(row.a, row.metric), spread_words(row.a), median_words(row.b, row.metric),
          spread_words(row.b), ratio_words(row.ratio), interval_words(row.interval)}) {
      rows += "<td>" + (cell.empty() ? "–" : escaped(cell)) + "</td>";
    }
    fmt::format_to(std::back_inserter(rows), "<td class=\"{}\">{}</td></tr>\n",
                   class_of(row.finding), name_of(row.finding));
  }
  if (rows.empty()) return {};
  std::string head;
  for (const char* name : {"median", "A", "spread", "B", "spread", "B/A", "95 %", "B is"}) {
    head += fmt::format("<th scope=\"col\">{}</th>", name);
  }
  return "<div class=\"scroll\"><table>\n<thead><tr>" + head + "</tr></thead>\n<tbody>\n" + rows +
         "</tbody></table></div>\n";
}

/// The main latency of all runs of a side; empty if they did not measure it.
Histogram main_latency(std::span<const Result> runs, const std::string& name) {
  Histogram sum;
  for (const Result& run : runs) {
    if (const Latency* const latency = run.latency(name)) sum.add(latency->histogram);
  }
  return sum;
}

std::string latencies(std::span<const Result> a, std::span<const Result> b) {
  if (a.front().latencies.empty()) return {};
  const std::string& name = a.front().latencies.front().name;
  std::vector<Latency> sides;
  sides.push_back({"A: " + name, main_latency(a, name), false});
  sides.push_back({"B: " + name, main_latency(b, name), false});
  return latency_chart(sides);
}

void add_side(PropertyTable& table, std::string_view letter, std::span<const Result> runs) {
  const RunSettings& settings = runs.front().settings;
  if (!settings.command_line.empty()) {
    table.add(fmt::format("{}: command", letter),
              "<code>" + escaped(settings.command_line) + "</code>");
  }
  table.add_text(fmt::format("{}: broker", letter), settings.broker);
  if (runs.front().broker) {
    table.add_text(fmt::format("{}: process", letter), runs.front().broker->command);
  }
}

std::string settings_table(std::span<const Result> a, std::span<const Result> b) {
  PropertyTable table;
  const RunSettings& settings = a.front().settings;
  if (!settings.protocol.empty()) table.add_text("protocol", "MQTT " + settings.protocol);
  table.add_text("load", load_words(settings));
  table.add_text("threads of the generator", fmt::format("{}", settings.threads));
  add_side(table, "A", a);
  add_side(table, "B", b);
  return table.html(true);
}

}  // namespace

std::string comparison_page(const Comparison& comparison, std::span<const Result> a,
                            std::span<const Result> b) {
  std::string body = header(comparison, a.front()) + "<main>\n";
  body += verdict(comparison) + cautions(comparison);
  body += html_section("Medians", medians(comparison));
  body += html_section("Runs", run_dots(comparison));
  body += html_section("Latency of all runs", latencies(a, b));
  body += html_section("Settings", settings_table(a, b)) + "</main>\n";
  return html_document(title_of(comparison), body, a.front().settings.version);
}

}  // namespace bench
