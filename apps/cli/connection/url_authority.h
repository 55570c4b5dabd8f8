#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace cli {

/// The part of a URL that names a server: `[user[:password]@]host[:port]`.
struct UrlAuthority {
  std::string host;
  std::optional<std::uint16_t> port;
  std::optional<std::string> user_name;
  std::optional<std::string> password;
};

/// The host may be an IPv6 address in brackets. User name and password are percent-decoded (a '%'
/// that begins no escape stands for itself). The error says what is wrong and never repeats the
/// password.
tl::expected<UrlAuthority, std::string> parse_url_authority(std::string_view text);

}  // namespace cli
