#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace cli {

/// Things per second, out of "10", "2.5k", "10/s", "600/min" or "3600/h"; more than 0. The error
/// says what is accepted.
tl::expected<double, std::string> parse_rate(std::string_view text);

}  // namespace cli
