#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bench/result/result.h"
#include "bench/verdict/comparison.h"

/// Results as JSON, for other programs and for `compare`. Field names are stable within a format
/// version; readers ignore unknown fields. docs/bench-formats.md lists them.
namespace bench {

/// One object, indented, with a line feed at the end. Durations are whole nanoseconds (`_ns`) or
/// seconds (`_s`), sizes are bytes, shares are 0..1. Histograms are complete.
std::string to_json(const Result& result);

/// Parses the output of `to_json`; the error has the position and the reason.
tl::expected<Result, std::string> result_from_json(std::string_view text);

/// Medians, spreads, ratios and findings.
std::string to_json(const Comparison& comparison);

}  // namespace bench
