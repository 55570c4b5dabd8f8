#include "bench/verdict/comparison.h"

#include <fmt/format.h>

#include <algorithm>

namespace bench {
namespace {

constexpr double significant = 0.05;

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Spread spread_of(std::span<const Result> runs, const Metric& metric) {
  Spread spread;
  for (const Result& run : runs) {
    if (const auto value = metric.measure(run)) spread.values.push_back(*value);
  }
  if (spread.values.empty()) return spread;
  const auto [least, most] = std::minmax_element(spread.values.begin(), spread.values.end());
  spread.least = *least;
  spread.most = *most;
  spread.median = median_of(spread.values);
  return spread;
}

/// Whether something was measured, and not always 0.
bool is_telling(const Spread& spread) {
  return !spread.values.empty() && spread.most > 0;
}

Finding finding_of(const MetricComparison& compared, const RankTest& test) {
  if (test.least_p >= significant) return Finding::cannot_tell;
  if (test.p >= significant || compared.a.median == compared.b.median) return Finding::noise;
  if (compared.metric.better == Better::neither) return Finding::different;
  const bool is_lower = compared.b.median < compared.a.median;
  return is_lower == (compared.metric.better == Better::lower) ? Finding::better : Finding::worse;
}

MetricComparison compare_metric(const Metric& metric, std::span<const Result> a,
                                std::span<const Result> b) {
  MetricComparison compared;
  compared.metric = metric;
  compared.a = spread_of(a, metric);
  compared.b = spread_of(b, metric);
  if (compared.a.values.empty() || compared.b.values.empty()) return compared;
  if (compared.a.median > 0) compared.ratio = compared.b.median / compared.a.median;
  compared.interval = ratio_interval(compared.a.values, compared.b.values);
  const RankTest test = rank_test(compared.a.values, compared.b.values);
  compared.p = test.p;
  compared.finding = finding_of(compared, test);
  return compared;
}

/// What two runs must have in common for their figures to say anything about the brokers.
template <class Visit>
void visit_what_must_agree(const RunSettings& settings, Visit visit) {
  visit("scenario", settings.scenario);
  visit("protocol", settings.protocol);
  visit("QoS", fmt::format("{}", settings.qos));
  visit("payload", fmt::format("{} bytes", settings.payload_bytes));
  visit("publishers", fmt::format("{}", settings.publishers));
  visit("subscribers", fmt::format("{}", settings.subscribers));
  visit("generator threads", fmt::format("{}", settings.threads));
  visit("window", settings.window ? fmt::format("{}", *settings.window) : "none");
  visit("rate", settings.rate ? fmt::format("{:g}/s", *settings.rate) : "none");
  visit("generator version", settings.version);
}

struct Setting {
  std::string name;
  std::string value;
};

std::vector<Setting> what_must_agree(const Result& run) {
  std::vector<Setting> settings;
  visit_what_must_agree(run.settings, [&](const char* name, const std::string& value) {
    settings.push_back({name, value});
  });
  return settings;
}

std::vector<std::string> differing_settings(std::span<const Result> a, std::span<const Result> b) {
  const std::vector<Setting> first = what_must_agree(a.front());
  std::vector<std::string> doubts;
  const auto look_for_others = [&](std::span<const Result> runs) {
    for (const Result& run : runs) {
      const std::vector<Setting> settings = what_must_agree(run);
      for (std::size_t i = 0; i < settings.size(); ++i) {
        if (settings[i].value == first[i].value) continue;
        std::string doubt = fmt::format("the runs differ in {}: {} and {}", first[i].name,
                                        first[i].value, settings[i].value);
        if (std::find(doubts.begin(), doubts.end(), doubt) == doubts.end()) {
          doubts.push_back(std::move(doubt));
        }
      }
    }
  };
  look_for_others(a);
  look_for_others(b);
  return doubts;
}

template <class IsAffected>
void count_affected(std::vector<std::string>& doubts, std::string_view side,
                    std::span<const Result> runs, std::string_view what, IsAffected is_affected) {
  const auto affected = std::count_if(runs.begin(), runs.end(), is_affected);
  if (affected == 0) return;
  doubts.push_back(fmt::format("{}: {} of {} runs {}", side, affected, runs.size(), what));
}

void add_doubts_about(std::vector<std::string>& doubts, std::string_view side,
                      std::span<const Result> runs) {
  count_affected(doubts, side, runs, "failed", [](const Result& run) { return !run.passed(); });
  count_affected(doubts, side, runs, "were interrupted",
                 [](const Result& run) { return run.interrupted; });
  count_affected(doubts, side, runs, "were limited by the generator",
                 [](const Result& run) { return !run.limited_by_generator.empty(); });
}

/// Those of both sides, A's first.
std::vector<Metric> metrics_of(std::span<const Result> a, std::span<const Result> b) {
  std::vector<Metric> metrics = comparable_metrics(a.front());
  for (Metric& metric : comparable_metrics(b.front())) {
    const bool is_known = std::any_of(metrics.begin(), metrics.end(), [&](const Metric& known) {
      return known.name == metric.name;
    });
    if (!is_known) metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace

std::string_view name_of(Finding finding) {
  switch (finding) {
    case Finding::cannot_tell:
      return "cannot tell";
    case Finding::noise:
      return "within noise";
    case Finding::better:
      return "better";
    case Finding::worse:
      return "worse";
    case Finding::different:
      break;
  }
  return "different";
}

bool can_tell(std::size_t a_runs, std::size_t b_runs) {
  return least_p(a_runs, b_runs) < significant;
}

Comparison compare(std::string a_name, std::span<const Result> a, std::string b_name,
                   std::span<const Result> b) {
  Comparison comparison;
  comparison.a_name = std::move(a_name);
  comparison.b_name = std::move(b_name);
  comparison.a_runs = a.size();
  comparison.b_runs = b.size();
  for (const Metric& metric : metrics_of(a, b)) {
    MetricComparison compared = compare_metric(metric, a, b);
    // A rate of a scenario that delivers nothing says nothing.
    if (is_telling(compared.a) || is_telling(compared.b)) {
      comparison.metrics.push_back(std::move(compared));
    }
  }
  comparison.doubts = differing_settings(a, b);
  add_doubts_about(comparison.doubts, "A", a);
  add_doubts_about(comparison.doubts, "B", b);
  return comparison;
}

void judge_ratios(std::span<const Expectation> expectations, std::span<const Result> a,
                  std::span<const Result> b, Comparison& comparison) {
  for (const Expectation& expectation : expectations) {
    const MetricComparison compared = compare_metric(expectation.metric, a, b);
    if (!compared.ratio) {
      comparison.checks.push_back({expectation.text, "not measured", false});
      continue;
    }
    comparison.checks.push_back({expectation.text, fmt::format("{:.4g}", *compared.ratio),
                                 holds(expectation.op, *compared.ratio, expectation.bound)});
  }
}

}  // namespace bench
