#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bench/result/result.h"
#include "bench/verdict/comparison.h"

/// Results as JSON: the form that other programs read and that `compare` reads back. Field names
/// are stable within a format version; a reader ignores fields that it does not know.
/// docs/bench-formats.md lists them.
namespace bench {

/// One object, indented, with a line feed at the end. Durations are whole nanoseconds (`_ns`) or
/// seconds (`_s`), sizes are bytes, shares are 0..1. Histograms are there in full.
std::string to_json(const Result& result);

/// What `to_json` wrote, or where and why it is something else.
tl::expected<Result, std::string> result_from_json(std::string_view text);

/// Medians, spreads, ratios and findings.
std::string to_json(const Comparison& comparison);

}  // namespace bench
