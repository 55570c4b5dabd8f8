#include "bench/report/page.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <string>

#include "apps/bench/samples/sample_pages.h"
#include "bench/report/comparison_page.h"
#include "bench/report/scale.h"
#include "bench/report/time_charts.h"

namespace bench {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> labels(const Scale& scale) {
  std::vector<std::string> out;
  for (const Scale::Tick& tick : scale.ticks()) out.push_back(tick.label);
  return out;
}

std::vector<Expectation> expectations(std::initializer_list<const char*> texts) {
  std::vector<Expectation> parsed;
  for (const char* text : texts) parsed.push_back(parse_ratio_expectation(text).value());
  return parsed;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("the page shows verdict, figures, charts and tables") {
  const std::string html = page(samples::pair_result());
  CHECK(contains(html, "<p class=\"verdict passed\">passed</p>"));
  CHECK(
      contains(html, "<h1>pair, 100 publishers to 100 subscribers, QoS 1, 64-byte payloads</h1>"));
  CHECK(contains(html, "<dt>delivered</dt><dd>1,000/s</dd>"));
  CHECK(contains(html, "<dt>p99 end-to-end</dt><dd>4.98 ms</dd>"));
  for (const char* id : {"latency", "throughput", "latency-time", "cpu", "memory"}) {
    CHECK(contains(html, std::string("aria-labelledby=\"") + id + "-title"));
  }
  CHECK(contains(html, "warm-up</text>"));
  CHECK(contains(html, "<th scope=\"row\">out of order</th><td>0</td>"));
}

TEST_CASE("the page needs nothing else") {
  for (const samples::SamplePage& sample : samples::sample_pages()) {
    const std::string html = page(sample.result);
    INFO(sample.name);
    for (const char* part :
         {"http:", "https:", "//", "<script", "url(", "@import", " src=", " href="}) {
      INFO(part);
      CHECK_FALSE(contains(html, part));
    }
  }
}

TEST_CASE("numbers that are none do not reach the page") {
  for (const samples::SamplePage& sample : samples::sample_pages()) {
    INFO(sample.name);
    const std::string html = page(sample.result);
    CHECK_FALSE(contains(html, "nan"));
    CHECK_FALSE(contains(html, "inf"));
  }
}

TEST_CASE("whatever text a result has, none of it is markup") {
  Result result = samples::pair_result();
  const std::string evil = "<b onclick='x'>&\"\x01\xFF</b>";
  result.settings.scenario = result.settings.command_line = result.settings.broker = evil;
  result.settings.protocol = result.settings.version = result.limited_by_generator = evil;
  result.broker->command = evil;
  result.latencies[0].name = result.figures[0].name = evil;
  result.failures = {evil};
  result.notes = {evil};
  result.checks = {{evil, evil, true}};
  const std::string html = page(result);
  CHECK_FALSE(contains(html, "<b on"));
  CHECK_FALSE(contains(html, "onclick='"));
  CHECK_FALSE(contains(html, "\x01"));
  CHECK_FALSE(contains(html, "\xFF"));
  CHECK(contains(html, "<h1>&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;\uFFFD\uFFFD&lt;/b&gt;"));
}

TEST_CASE("a run that found nothing has a page that says so") {
  const std::string html = page(Result());
  CHECK(contains(html, "No latency was measured."));
  CHECK_FALSE(contains(html, "role=\"img\""));
}

TEST_CASE("an interrupted run says so") {
  Result result = samples::pair_result();
  result.interrupted = true;
  CHECK(contains(page(result), "<p class=\"verdict interrupted\">interrupted</p>"));
  CHECK(contains(page(result), "The run was interrupted"));
}

TEST_CASE("scales end at round numbers") {
  CHECK(labels(Scale::linear(812'345, Unit::per_second)) == Labels{"0/s", "500k/s", "1M/s"});
  CHECK(labels(Scale::linear(0, Unit::per_second)).size() > 2);
  CHECK(labels(Scale::linear(3e6, Unit::bytes)) == Labels{"0", "1 MiB", "2 MiB", "3 MiB"});
  CHECK(labels(Scale::logarithmic(90e3, 4.9e6, Unit::duration)) ==
        Labels{"50 µs", "100 µs", "200 µs", "500 µs", "1 ms", "2 ms", "5 ms"});
  CHECK(labels(Scale::logarithmic(1e3, 1e3, Unit::duration)) ==
        Labels{"1 µs", "2 µs", "5 µs", "10 µs"});
  CHECK(labels(Scale::time(0, 11)) == Labels{"0 s", "2 s", "4 s", "6 s", "8 s", "10 s"});
  CHECK(labels(Scale::time(0, 600)).back() == "10 min");
  const Scale scale = Scale::linear(100, Unit::count).map_to(200, 0);
  CHECK(scale.at(0) == 200);
  CHECK(scale.at(1e9) == 0);
}

TEST_CASE("a long time line is condensed, and no message is lost by that") {
  std::vector<Interval> intervals(10'001);
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    intervals[i].begin = Seconds(static_cast<double>(i));
    intervals[i].delivered = 3;
    intervals[i].p99 = i;
    intervals[i].is_warm_up = i < 5;
  }
  const auto few = condensed(intervals, 240);
  CHECK(few.size() <= 241);
  std::uint64_t delivered = 0;
  double end = 0;
  for (const Interval& interval : few) {
    CHECK(interval.begin.count() == Approx(end));
    end = (interval.begin + interval.length).count();
    delivered += interval.delivered;
  }
  CHECK(delivered == 30'003);
  CHECK(end == Approx(10'001));
  CHECK(few.back().p99 == 10'000);
  CHECK(few.front().is_warm_up);
  CHECK(few.front().length.count() == 5);
  CHECK_FALSE(few[1].is_warm_up);
}

TEST_CASE("a comparison has a page: medians, findings, every run") {
  const auto a = samples::lifelike_runs(0.4, 5, 1);
  const auto b = samples::lifelike_runs(0.1, 5, 2);
  Comparison comparison = compare("old", a, "new", b);
  judge_ratios(expectations({"cpu/msg<=1/2"}), a, b, comparison);
  const std::string html = comparison_page(comparison, a, b);
  CHECK(contains(html, "<h1>old (A) and new (B)</h1>"));
  CHECK(contains(html, "<p class=\"verdict passed\">as expected</p>"));
  CHECK(contains(html, "<td class=\"good\">better</td>"));
  CHECK(contains(html, "aria-labelledby=\"runs-title"));
  CHECK(contains(html, "A: end-to-end"));
  CHECK(contains(html, "<title>B 5: "));
  CHECK_FALSE(contains(html, "Be careful"));
  SECTION("too few runs, and what makes it doubtful, are said") {
    const auto few = samples::lifelike_runs(0.1, 3, 2);
    const std::string warned = comparison_page(compare("old", few, "new", few), few, few);
    CHECK(contains(warned, "Be careful"));
    CHECK(contains(warned, "fewer than 4 runs on each side"));
  }
  SECTION("runs that measured nothing have a page too") {
    const std::vector<Result> none(1);
    const std::string empty = comparison_page(compare("x", none, "y", none), none, none);
    CHECK(contains(empty, "<h1>x (A) and y (B)</h1>"));
    CHECK_FALSE(contains(empty, "nan"));
    CHECK_FALSE(contains(empty, "role=\"img\""));
  }
  SECTION("names are text") {
    const std::string evil = comparison_page(compare("<b>", a, "\"&", b), a, b);
    CHECK(contains(evil, "&lt;b&gt; (A) and &quot;&amp; (B)"));
    CHECK_FALSE(contains(evil, "<b> (A)"));
  }
}

// For the test that reads the pages with an XML parser, and for eyes: PAGE_FOLDER=/tmp/pages.
TEST_CASE("sample pages can be written", "[pages]") {
  const char* const folder = std::getenv("PAGE_FOLDER");
  if (folder == nullptr) return;
  for (const samples::SamplePage& sample : samples::sample_pages()) {
    CHECK(write_file(std::string(folder) + "/" + sample.name + ".html", page(sample.result)));
  }
  const auto a = samples::lifelike_runs(0.4, 5, 1);
  const auto b = samples::lifelike_runs(0.1, 5, 2);
  Comparison comparison = compare("mosquitto", a, "mqtt-broker", b);
  judge_ratios(expectations({"cpu/msg<=1/2", "p99<1/2"}), a, b, comparison);
  CHECK(write_file(std::string(folder) + "/comparison.html", comparison_page(comparison, a, b)));
}

}  // namespace bench
