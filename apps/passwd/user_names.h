#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace passwd {

/// The user names in `text`, one per line; blank lines are ignored. The error names the line.
tl::expected<std::vector<std::string>, std::string> user_names_of(std::string_view text);

/// Why `names` cannot be the users of one file: an invalid name or a duplicate. Empty: they can.
std::string refuse_users(const std::vector<std::string>& names);

}  // namespace passwd
