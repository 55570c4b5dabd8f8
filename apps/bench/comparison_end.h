#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bench/verdict/comparison.h"

namespace CLI {
class App;
}

/// The common end of `compare` and `versus`, which differ only in the source of their runs.
namespace bench {

/// The runs of one side.
struct Side {
  std::string name;
  std::vector<Result> runs;  ///< at least one
};

/// All of --expect-ratio, or the error in the first invalid one.
tl::expected<std::vector<Expectation>, std::string> parse_ratio_expectations(
    const std::vector<std::string>& texts);

/// The output files of a comparison; an empty name: none.
struct ComparisonFiles {
  std::string json;
  std::string page;
};

/// Adds --json and --report to the options of `app`.
void add_comparison_files(CLI::App& app, ComparisonFiles& files);

/// Compares, prints the table to stdout (to stderr if a file is stdout), writes the files. The
/// status for `main`: negative_verdict_status if an expected ratio was missed.
int tell_comparison(const Side& a, const Side& b, const std::vector<Expectation>& ratios,
                    const ComparisonFiles& files);

/// "Error: <message>." on stderr; status 1.
int complain_about(const std::string& message);

}  // namespace bench
