#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace cli {

/// What `-L scheme://[user[:password]@]host[:port][/topic]` says.
struct BrokerUrl {
  bool tls = false;
  bool websocket = false;
  std::string host;
  std::uint16_t port = 0;
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  std::optional<std::string> topic;
  bool has_port = false;  ///< `port` was given, and is not what the scheme stands for

  bool operator==(const BrokerUrl&) const = default;
};

/// Reads a URL. The host may be an IPv6 address in brackets. User name and password are
/// percent-decoded (a '%' that begins no escape stands for itself); the topic is everything after
/// the first '/' behind the host, taken as it is, because '%', '#' and '?' may be part of it.
/// The error says what is wrong and never repeats the password.
tl::expected<BrokerUrl, std::string> parse_broker_url(std::string_view url);

}  // namespace cli
