#include "bench/comparison_end.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "bench/report/comparison_page.h"
#include "bench/report/json.h"
#include "bench/report/summary.h"
#include "bench/report/text_file.h"
#include "cli/options/command_line.h"
#include "cli/options/exit_code.h"

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

void add_comparison_files(CLI::App& app, ComparisonFiles& files) {
  cli::add_text(app, "--json", "FILE", "Write the comparison as JSON; - is standard output",
                files.json);
  cli::add_text(app, "--report", "FILE", "Write the comparison as an HTML page", files.page);
}

int tell_comparison(const Side& a, const Side& b, const std::vector<Expectation>& ratios,
                    const ComparisonFiles& files) {
  Comparison comparison = compare(a.name, a.runs, b.name, b.runs);
  judge_ratios(ratios, a.runs, b.runs, comparison);
  // Who asks for a file on stdout wants nothing else there.
  std::FILE* const table = files.json == "-" || files.page == "-" ? stderr : stdout;
  const Paint paint(wants_colour(fileno(table)));
  fmt::print(table, "{}", summary(comparison, paint));
  std::fflush(table);
  bool is_written = true;
  const auto write = [&is_written](const std::string& path, const std::string& text) {
    const auto written = write_file(path, text);
    if (!written) complain_about(written.error());
    is_written = is_written && written;
  };
  if (!files.json.empty()) write(files.json, to_json(comparison));
  if (!files.page.empty()) write(files.page, comparison_page(comparison, a.runs, b.runs));
  if (!is_written) return cli::status(cli::ExitCode::output_failed);
  const bool as_expected = std::all_of(comparison.checks.begin(), comparison.checks.end(),
                                       [](const Check& check) { return check.passed; });
  return as_expected ? cli::status(cli::ExitCode::success) : negative_verdict_status;
}

int complain_about(const std::string& message) {
  fmt::print(stderr, "Error: {}.\n", message);
  return cli::status(cli::ExitCode::failure);
}

}  // namespace bench
