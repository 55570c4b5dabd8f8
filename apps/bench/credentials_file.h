#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "bench/load/load_plan.h"

namespace bench {

/// Parses lines "user,password" (RFC 4180: a field may be quoted, with "" for a quote). Empty lines
/// are ignored. The error names the line.
tl::expected<std::vector<Credentials>, std::string> parse_credentials(std::string_view text);

/// The same from a file with at least one line.
tl::expected<std::vector<Credentials>, std::string> read_credentials(const std::string& path);

}  // namespace bench
