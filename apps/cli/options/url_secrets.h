#pragma once

#include <string>
#include <string_view>

namespace cli {

/// `text` with "***" in place of each password in a URL (`scheme://user:password@host`), for all
/// that is shown to somebody. A password that breaks the rules of a URL, with a '/' or an '@' in
/// it, is hidden all the same, if need be with a part of what follows.
std::string without_url_passwords(std::string_view text);

}  // namespace cli
