#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bench/verdict/comparison.h"

/// How `compare` and `versus` end, which differ only in where their runs come from.
namespace bench {

/// The runs of one side.
struct Side {
  std::string name;
  std::vector<Result> runs;  ///< at least one
};

/// All of --expect-ratio, or what is wrong with the first that cannot be read.
tl::expected<std::vector<Expectation>, std::string> parse_ratio_expectations(
    const std::vector<std::string>& texts);

/// Compares, prints the table to stdout, writes `json_file` unless it is empty. The status for
/// `main`: negative_verdict_status if an expected ratio was missed.
int tell_comparison(const Side& a, const Side& b, const std::vector<Expectation>& ratios,
                    const std::string& json_file);

/// "Error: <message>." on stderr; status 1.
int complain_about(const std::string& message);

}  // namespace bench
