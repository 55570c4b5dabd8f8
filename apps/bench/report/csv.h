#pragma once

#include <string>

#include <tl/expected.hpp>

#include "bench/result/result.h"

/// Results as comma-separated values (RFC 4180, a line feed at the end of each row, a point before
/// fractions), for spreadsheets and scripts.
namespace bench {

/// The header line: one column per setting, count and metric, the same for every scenario.
std::string csv_header();
/// The run as one row; metrics that it did not measure are empty.
std::string csv_row(const Result& result);

/// Appends the run's row to the file, so that repeated runs fill one table; a new or empty file
/// gets the header first. Refuses a file with a different header. "-" is stdout.
tl::expected<void, std::string> append_csv(const std::string& path, const Result& result);

/// The time line: a header and one row per interval.
std::string interval_csv(const Result& result);

}  // namespace bench
