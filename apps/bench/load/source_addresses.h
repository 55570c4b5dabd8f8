#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace bench {

inline constexpr std::size_t max_source_addresses = 65536;

/// The local addresses that `text` names: addresses and ranges, separated by commas, such as
/// "127.0.0.1-127.0.0.20,10.0.0.7" or "::1". Ranges are of IPv4 addresses.
tl::expected<std::vector<std::string>, std::string> source_addresses(std::string_view text);

}  // namespace bench
