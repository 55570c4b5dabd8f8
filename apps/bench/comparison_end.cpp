#include "bench/comparison_end.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "bench/report/json.h"
#include "bench/report/summary.h"
#include "bench/report/text_file.h"
#include "cli/exit_code.h"

namespace bench {

tl::expected<std::vector<Expectation>, std::string> parse_ratio_expectations(
    const std::vector<std::string>& texts) {
  std::vector<Expectation> expectations;
  for (const std::string& text : texts) {
    auto parsed = parse_ratio_expectation(text);
    if (!parsed) return tl::unexpected("--expect-ratio " + parsed.error());
    expectations.push_back(*std::move(parsed));
  }
  return expectations;
}

int tell_comparison(const Side& a, const Side& b, const std::vector<Expectation>& ratios,
                    const std::string& json_file) {
  Comparison comparison = compare(a.name, a.runs, b.name, b.runs);
  judge_ratios(ratios, a.runs, b.runs, comparison);
  // Who asks for JSON on stdout wants nothing else there.
  std::FILE* const table = json_file == "-" ? stderr : stdout;
  const Paint paint(wants_colour(fileno(table)));
  fmt::print(table, "{}", summary(comparison, paint));
  std::fflush(table);
  if (!json_file.empty()) {
    if (const auto written = write_file(json_file, to_json(comparison)); !written) {
      complain_about(written.error());
      return cli::status(cli::ExitCode::output_failed);
    }
  }
  const bool as_expected = std::all_of(comparison.checks.begin(), comparison.checks.end(),
                                       [](const Check& check) { return check.passed; });
  return as_expected ? cli::status(cli::ExitCode::success) : negative_verdict_status;
}

int complain_about(const std::string& message) {
  fmt::print(stderr, "Error: {}.\n", message);
  return cli::status(cli::ExitCode::failure);
}

}  // namespace bench
