#pragma once

#include <string>

#include <tl/expected.hpp>

#include "bench/result/result.h"

/// Results as comma-separated values (RFC 4180, a line feed at the end of each row, a point before
/// fractions), for spreadsheets and scripts.
namespace bench {

/// The header line: one column per setting, count and metric, the same for every scenario.
std::string csv_header();
/// The run as one row; what it did not measure is empty.
std::string csv_row(const Result& result);

/// Adds the run's row at the end of the file, so that repeated runs fill one table; a new or empty
/// file gets the header first. Refuses a file whose header is another one. "-" is stdout.
tl::expected<void, std::string> append_csv(const std::string& path, const Result& result);

/// The time line: a header and one row per interval.
std::string interval_csv(const Result& result);

}  // namespace bench
