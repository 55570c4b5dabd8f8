#include "cli/broker_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/ascii_case.h"
#include "cli/hex.h"
#include "cli/option_binding.h"

namespace cli {

namespace {

struct Scheme {
  std::string_view name;
  bool tls;
  bool websocket;
  std::uint16_t default_port;
};

constexpr std::array schemes{
    Scheme{"mqtt", false, false, 1883},
    Scheme{"mqtts", true, false, 8883},
    Scheme{"ws", false, true, 1883},
    Scheme{"wss", true, true, 8883},
};

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    if (!escape) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return decoded;
}

void read_user_info(std::string_view user_info, BrokerUrl& url) {
  const std::size_t colon = user_info.find(':');
  url.user_name = percent_decoded(user_info.substr(0, colon));
  if (colon != std::string_view::npos) url.password = percent_decoded(user_info.substr(colon + 1));
}

tl::expected<void, std::string> read_host_and_port(std::string_view text, BrokerUrl& url) {
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) {
      return tl::unexpected(std::string("the ']' after the IPv6 address is missing"));
    }
    url.host = text.substr(1, bracket - 1);
    rest = text.substr(bracket + 1);
  } else {
    const std::size_t colon = text.find(':');
    url.host = text.substr(0, colon);
    if (colon != std::string_view::npos) rest = text.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos) {
      return tl::unexpected(
          std::string("an IPv6 address must stand in brackets, as in mqtt://[::1]/topic"));
    }
  }
  if (url.host.empty()) return tl::unexpected(std::string("the host is missing"));
  if (rest.empty() || rest == ":") return {};
  if (!rest.starts_with(':')) {
    return tl::unexpected(fmt::format("\"{}\" after the host is not a port", rest));
  }
  return parse_integer(rest.substr(1), 1, 65535)
      .map([&url](std::int64_t port) { url.port = static_cast<std::uint16_t>(port); })
      .map_error([](const std::string& error) { return "the port: " + error; });
}

}  // namespace

tl::expected<BrokerUrl, std::string> parse_broker_url(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  const std::string name =
      scheme_end == std::string_view::npos ? "" : lower_case(text.substr(0, scheme_end));
  const auto* const scheme = std::ranges::find(schemes, name, &Scheme::name);
  if (scheme == schemes.end()) {
    return tl::unexpected(
        std::string("a URL begins with mqtt://, mqtts://, ws:// or wss://, then "
                    "[user[:password]@]host[:port]/topic"));
  }
  BrokerUrl url;
  url.tls = scheme->tls;
  url.websocket = scheme->websocket;
  url.port = scheme->default_port;

  std::string_view authority = text.substr(scheme_end + 3);
  if (const std::size_t slash = authority.find('/'); slash != std::string_view::npos) {
    if (slash + 1 < authority.size()) url.topic = authority.substr(slash + 1);
    authority = authority.substr(0, slash);
  }
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    read_user_info(authority.substr(0, at), url);
    authority = authority.substr(at + 1);
  }
  return read_host_and_port(authority, url).map([&url] { return url; });
}

}  // namespace cli
