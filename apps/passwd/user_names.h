#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace passwd {

/// The user names of `text`, one a line; blank lines are passed over. The error names the line.
tl::expected<std::vector<std::string>, std::string> user_names_of(std::string_view text);

/// What keeps `names` from being users of one file: a name that cannot be one, or that is given
/// twice. Empty: nothing.
std::string refuse_users(const std::vector<std::string>& names);

}  // namespace passwd
