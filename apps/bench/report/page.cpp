#include "bench/report/page.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/report/html.h"
#include "bench/report/latency_chart.h"
#include "bench/report/page_parts.h"
#include "bench/report/run_words.h"
#include "bench/report/text_encoding.h"
#include "bench/report/time_charts.h"
#include "bench/result/quantity.h"

namespace bench {
namespace {

template <class... Arguments>
void append(std::string& out, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Arguments>(arguments)...);
}

std::string duration(double nanoseconds) {
  return show(nanoseconds, Unit::duration);
}

std::string quantile(const Histogram& histogram, double fraction) {
  return duration(static_cast<double>(histogram.quantile(fraction)));
}

std::string bytes(std::uint64_t count) {
  return show(static_cast<double>(count), Unit::bytes);
}

std::string header(const Result& result) {
  const RunSettings& settings = result.settings;
  const std::string word = verdict_word(result);
  const std::string_view kind = !result.passed()     ? "failed"
                                : result.interrupted ? "interrupted"
                                                     : "passed";
  std::vector<std::string> about;
  if (!settings.broker.empty()) about.push_back(settings.broker);
  if (!settings.protocol.empty()) about.push_back("MQTT " + settings.protocol);
  about.push_back("measured for " + duration(result.duration.count() * 1e9));
  if (std::string load = load_words(settings); !load.empty()) about.push_back(std::move(load));
  if (result.interrupted && !result.passed()) about.emplace_back("interrupted");
  return fmt::format(
      "<header>\n<p class=\"verdict {}\">{}</p>\n<h1>{}</h1>\n<p>{}</p>\n<p>{}</p>\n</header>\n",
      kind, word, escaped(run_title(settings)), escaped(fmt::format("{}", fmt::join(about, ", "))),
      utc_text(settings.started_at));
}

/// The figures that come first.
class Tiles {
 public:
  void add(std::string_view name, const std::string& value, bool is_wrong = false) {
    append(tiles_, "<div{}><dt>{}</dt><dd>{}</dd></div>\n", is_wrong ? R"( class="wrong")" : "",
           escaped(name), escaped(value));
  }
  std::string html() const {
    return tiles_.empty() ? "" : "<dl class=\"tiles\">\n" + tiles_ + "</dl>\n";
  }

 private:
  std::string tiles_;
};

std::string tiles(const Result& result) {
  const Counts& counts = result.counts;
  Tiles tiles;
  if (counts.delivered != 0 || counts.expected != 0) {
    tiles.add("delivered", show(result.delivered_per_second(), Unit::per_second));
  } else if (counts.published != 0) {
    tiles.add("published", show(result.published_per_second(), Unit::per_second));
  }
  for (const Figure& figure : result.figures) {
    const NamedUnit unit = unit_named(figure.unit);
    tiles.add(figure.name, show(figure.value * unit.in_base, unit.unit));
  }
  if (!result.latencies.empty() && result.latencies[0].histogram.count() != 0) {
    const Latency& latency = result.latencies[0];
    tiles.add("p50 " + latency.name, quantile(latency.histogram, 0.5));
    tiles.add("p99 " + latency.name, quantile(latency.histogram, 0.99));
  }
  if (counts.expected != 0) tiles.add("lost", show_count(counts.lost), counts.lost != 0);
  if (const auto cpu = result.broker_cpu_us_per_delivery()) {
    tiles.add("broker CPU per delivery", duration(*cpu * 1000));
  }
  if (const auto memory = result.broker_bytes_per_connection()) {
    tiles.add("broker memory per connection", show(*memory, Unit::bytes));
  }
  return tiles.html();
}

std::string verdict(const Result& result) {
  std::string items;
  for (const std::string& failure : result.failures) {
    items += check_item(false, failure);
  }
  for (const Check& check : result.checks) {
    if (!check.passed) continue;  // stands among the failures
    items += check_item(true, fmt::format("{}: it is {}", check.expectation, check.measured));
  }
  return html_section("Verdict", items.empty() ? "" : "<ul>\n" + items + "</ul>\n");
}

std::string cautions(const Result& result) {
  std::string lines;
  if (result.interrupted)
    lines += "<p>The run was interrupted; these are its results so far.</p>\n";
  if (!result.limited_by_generator.empty()) {
    append(lines, "<p>The generator was the limit, not the broker: {}</p>\n",
           escaped(result.limited_by_generator));
  }
  for (const std::string& note : result.notes) append(lines, "<p>{}</p>\n", escaped(note));
  if (lines.empty()) return {};
  return "<section class=\"care\">\n<h2>Be careful</h2>\n" + lines + "</section>\n";
}

std::string latency_table(const Result& result) {
  struct Column {
    const char* name;
    double fraction;
  };
  static constexpr std::array columns{Column{"p50", 0.5},       Column{"p90", 0.9},
                                      Column{"p99", 0.99},      Column{"p99.9", 0.999},
                                      Column{"p99.99", 0.9999}, Column{"max", 1}};
  std::string rows;
  bool from_due_time = false;
  for (const Latency& latency : result.latencies) {
    const Histogram& histogram = latency.histogram;
    if (histogram.count() == 0) continue;
    from_due_time = from_due_time || latency.from_due_time;
    append(rows, "<tr><th scope=\"row\">{}{}</th>", escaped(latency.name),
           latency.from_due_time ? " *" : "");
    for (const Column& column : columns) {
      append(rows, "<td>{}</td>", quantile(histogram, column.fraction));
    }
    append(rows, "<td>{}</td><td>{}</td></tr>\n", duration(histogram.mean()),
           show_count(histogram.count()));
  }
  if (rows.empty()) return {};
  std::string out = "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">latency</th>";
  for (const Column& column : columns) append(out, "<th scope=\"col\">{}</th>", column.name);
  out += "<th scope=\"col\">mean</th><th scope=\"col\">count</th></tr></thead>\n<tbody>\n" + rows +
         "</tbody></table></div>\n";
  if (from_due_time) out += "<p class=\"legend\">* measured from when the message was due</p>\n";
  return out;
}

std::string counts_table(const Counts& counts) {
  PropertyTable table;
  const auto plain = [&](const char* name, std::uint64_t count) {
    if (count != 0) table.add(name, show_count(count));
  };
  const auto fault = [&](const char* name, std::uint64_t count) {
    table.add(name, show_count(count), count != 0);
  };
  plain("published", counts.published);
  plain("acknowledged", counts.acknowledged);
  plain("expected", counts.expected);
  plain("delivered", counts.delivered);
  if (counts.delivered_bytes != 0) table.add("payload delivered", bytes(counts.delivered_bytes));
  if (counts.expected != 0) fault("lost", counts.lost);
  fault("duplicated", counts.duplicated);
  fault("out of order", counts.out_of_order);
  fault("corrupted", counts.corrupted);
  fault("unexpected", counts.unexpected);
  table.add("connected", show_count(counts.connected));
  fault("connect failures", counts.connect_failures);
  fault("disconnects", counts.disconnects);
  fault("subscribe failures", counts.subscribe_failures);
  fault("publish failures", counts.publish_failures);
  if (counts.delayed_sends != 0) fault("delayed sends", counts.delayed_sends);
  return table.html(false);
}

void add_process(PropertyTable& table, const std::string& name, const ProcessUsage& usage,
                 const Result& result) {
  if (result.duration.count() > 0) {
    table.add(name + ": CPU", show(usage.cpu() / result.duration, Unit::cores));
  }
  table.add(name + ": user, system",
            duration(usage.user.count() * 1e9) + ", " + duration(usage.system.count() * 1e9));
  table.add(name + ": memory at most", bytes(usage.resident_peak));
  if (usage.resident_before != 0) {
    table.add(name + ": memory before, after",
              bytes(usage.resident_before) + ", " + bytes(usage.resident_after));
  }
  if (usage.resident_connected) {
    table.add(name + ": memory with all connections", bytes(*usage.resident_connected));
  }
  if (usage.threads != 0) table.add(name + ": threads", show_count(usage.threads));
  table.add(name + ": context switches",
            show_count(usage.voluntary_switches) + " + " + show_count(usage.involuntary_switches));
}

std::string processes_table(const Result& result) {
  PropertyTable table;
  if (result.broker) {
    table.add_text("broker",
                   fmt::format("{} (process {})", result.broker->command, result.broker->pid));
    add_process(table, "broker", *result.broker, result);
  }
  add_process(table, "generator", result.generator, result);
  table.add("generator: busiest thread", show(result.busiest_thread, Unit::share));
  return table.html(false);
}

std::string settings_table(const RunSettings& settings) {
  PropertyTable table;
  if (!settings.command_line.empty()) {
    table.add("command", "<code>" + escaped(settings.command_line) + "</code>");
  }
  table.add_text("broker", settings.broker);
  if (!settings.protocol.empty()) table.add_text("protocol", "MQTT " + settings.protocol);
  table.add_text("load", load_words(settings));
  table.add_text("QoS", fmt::format("{}", settings.qos));
  if (settings.payload_bytes != 0) table.add("payload", bytes(settings.payload_bytes));
  if (settings.publishers != 0) table.add("publishers", show_count(settings.publishers));
  if (settings.subscribers != 0) table.add("subscribers", show_count(settings.subscribers));
  table.add_text("threads of the generator", fmt::format("{}", settings.threads));
  table.add_text("warm-up", duration(settings.warm_up.count() * 1e9));
  return table.html(true);
}

}  // namespace

std::string page(const Result& result) {
  std::string latency = latency_chart(result.latencies) + latency_table(result);
  if (latency.empty()) latency = "<p>No latency was measured.</p>\n";
  std::string body = header(result) + "<main>\n";
  body += tiles(result) + verdict(result) + cautions(result);
  body += html_section("Latency", latency) + html_section("Over time", time_charts(result));
  body += "<div class=\"columns\">\n" + html_section("Counts", counts_table(result.counts)) +
          html_section("Processes", processes_table(result)) + "</div>\n";
  body += html_section("Settings", settings_table(result.settings)) + "</main>\n";
  return html_document(fmt::format("{}: {}", run_title(result.settings), verdict_word(result)),
                       body, result.settings.version);
}

}  // namespace bench
