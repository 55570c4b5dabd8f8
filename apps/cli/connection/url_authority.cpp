#include "cli/connection/url_authority.h"

#include "cli/options/hex.h"
#include "cli/options/option_binding.h"

namespace cli {

namespace {

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

void read_user_info(std::string_view user_info, UrlAuthority& server) {
  const std::size_t colon = user_info.find(':');
  server.user_name = percent_decoded(user_info.substr(0, colon));
  if (colon != std::string_view::npos)
    server.password = percent_decoded(user_info.substr(colon + 1));
}

tl::expected<void, std::string> read_host_and_port(std::string_view text, UrlAuthority& server) {
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) {
      return tl::unexpected(std::string("the ']' after the IPv6 address is missing"));
    }
    server.host = text.substr(1, bracket - 1);
    rest = text.substr(bracket + 1);
  } else {
    const std::size_t colon = text.find(':');
    server.host = text.substr(0, colon);
    if (colon != std::string_view::npos) rest = text.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos) {
      return tl::unexpected(
          std::string("an IPv6 address must stand in brackets, as in [::1]:1883"));
    }
  }
  if (server.host.empty()) return tl::unexpected(std::string("the host is missing"));
  if (rest.empty() || rest == ":") return {};
  // What stands there is not repeated: it is a part of the password if that has a '/' in it.
  if (!rest.starts_with(':')) {
    return tl::unexpected(std::string("what follows the host is not a port"));
  }
  return parse_integer(rest.substr(1), 1, 65535)
      .map([&server](std::int64_t port) { server.port = static_cast<std::uint16_t>(port); })
      .map_error([](const std::string&) {
        return std::string(
            "the port is not a whole number from 1 to 65535 (a '/' in a password is written %2F)");
      });
}

}  // namespace

tl::expected<UrlAuthority, std::string> parse_url_authority(std::string_view text) {
  UrlAuthority server;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    read_user_info(text.substr(0, at), server);
    text.remove_prefix(at + 1);
  }
  return read_host_and_port(text, server).map([&server] { return server; });
}

}  // namespace cli
