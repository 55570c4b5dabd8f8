#include "bench/compare_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <string_view>

#include "bench/comparison_end.h"
#include "bench/loose_words.h"
#include "bench/report/json.h"
#include "bench/report/text_file.h"
#include "cli/options/command_line.h"

namespace bench {
namespace {

constexpr std::array<std::string_view, 3> lists{"--a", "--b", "--expect-ratio"};

constexpr auto footer =
    "Files are results that a scenario wrote with --json. Ratios are B's median divided by A's;\n"
    "whether a difference is more than noise is decided by the exact Mann-Whitney test (5 %), "
    "which\n"
    "needs 4 runs on each side.\n"
    "\n"
    "Examples:\n"
    "  mqtt-bench compare before.json after.json\n"
    "  mqtt-bench compare --a before/*.json --b after/*.json --expect-ratio 'cpu/msg<=1.05'\n"
    "\n"
    "Exit status: 0 done, 1 wrong options or files, 3 a ratio is not as expected.";

cli::ValueSetter appender(std::vector<std::string>& list) {
  return [&list](const std::string& word) {
    list.push_back(word);
    return cli::Verdict();
  };
}

/// "compare A.json B.json".
cli::Verdict take_two_files(const std::vector<std::string>& files, CompareOptions& options) {
  if (files.empty()) return {};
  if (!options.a.empty() || !options.b.empty()) {
    return tl::unexpected(
        fmt::format("\"{}\" belongs to no side: put it after --a or --b", files.front()));
  }
  if (files.size() > 2) {
    return tl::unexpected(std::string(
        "more than two files need sides: --a before1.json before2.json --b after1.json …"));
  }
  options.a.push_back(files[0]);
  if (files.size() == 2) options.b.push_back(files[1]);
  return {};
}

tl::expected<Side, std::string> load_side(const std::string& name,
                                          const std::vector<std::string>& files) {
  Side side;
  side.name = name.empty() ? files.front() : name;
  for (const std::string& file : files) {
    const auto text = read_file(file);
    if (!text) return tl::unexpected(text.error());
    auto result = result_from_json(*text);
    if (!result) return tl::unexpected(fmt::format("\"{}\": {}", file, result.error()));
    side.runs.push_back(*std::move(result));
  }
  return side;
}

int compare_files(const CompareOptions& options, const std::vector<Expectation>& ratios) {
  const auto a = load_side(options.a_name, options.a);
  if (!a) return complain_about(a.error());
  const auto b = load_side(options.b_name, options.b);
  if (!b) return complain_about(b.error());
  return tell_comparison(*a, *b, ratios, options.files);
}

}  // namespace

std::unique_ptr<CLI::App> make_compare_app(CompareOptions& options) {
  auto app = cli::make_app(
      "mqtt-bench compare",
      "Compare the results of runs: mqtt-bench compare [OPTIONS] A.json B.json", footer);
  cli::add_value(*app, "--a", "FILE", "Results of side A; more may follow", appender(options.a));
  cli::add_value(*app, "--b", "FILE", "Results of side B; more may follow", appender(options.b));
  cli::add_text(*app, "--a-name", "NAME", "Name of side A (default: its first file)",
                options.a_name);
  cli::add_text(*app, "--b-name", "NAME", "Name of side B (default: its first file)",
                options.b_name);
  cli::add_value(*app, "--expect-ratio", "EXPECTATION",
                 "A condition for B/A such as 'cpu/msg<=1/20'; the exit status is 3 if it is not "
                 "met; more may follow",
                 appender(options.ratio_expectations));
  add_comparison_files(*app, options.files);
  return app;
}

int run_compare(std::vector<std::string> words) {
  CompareOptions options;
  const auto app = make_compare_app(options);
  const SortedWords sorted = sort_words(*app, words, lists);
  if (const auto parsed = cli::parse_command_line(*app, sorted.options); !parsed) {
    return cli::end(parsed.error());
  }
  if (const auto taken = take_two_files(sorted.loose, options); !taken) {
    return cli::end(cli::usage_error(*app, taken.error()));
  }
  if (options.a.empty() || options.b.empty()) {
    return cli::end(cli::usage_error(*app, "a file is needed for each of the two sides"));
  }
  const auto ratios = parse_ratio_expectations(options.ratio_expectations);
  if (!ratios) return cli::end(cli::usage_error(*app, ratios.error()));
  return compare_files(options, *ratios);
}

}  // namespace bench
