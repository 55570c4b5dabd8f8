#include "bench/load/source_addresses.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "mqtt/io/socket_address.h"

namespace bench {
namespace {

std::optional<std::uint32_t> ipv4_number(const std::string& text) {
  in_addr address{};
  if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string ipv4_text(std::uint32_t number) {
  return fmt::format("{}.{}.{}.{}", number >> 24, number >> 16 & 255, number >> 8 & 255,
                     number & 255);
}

std::string complaint(const std::string& part) {
  return fmt::format("\"{}\" is neither an address nor a range such as 127.0.0.1-127.0.0.20", part);
}

}  // namespace

tl::expected<std::vector<std::string>, std::string> source_addresses(std::string_view text) {
  std::vector<std::string> addresses;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string part(text.substr(begin, comma - begin));
    begin = comma + 1;
    const std::size_t dash = part.find('-');
    if (dash == std::string::npos) {
      if (!mqtt::io::SocketAddress::parse(part, 0)) return tl::unexpected(complaint(part));
      addresses.push_back(part);
      continue;
    }
    const auto first = ipv4_number(part.substr(0, dash));
    const auto last = ipv4_number(part.substr(dash + 1));
    if (!first || !last || *last < *first) return tl::unexpected(complaint(part));
    if (*last - *first >= max_source_addresses - addresses.size()) {
      return tl::unexpected(
          fmt::format("\"{}\" has more than {} addresses", part, max_source_addresses));
    }
    for (std::uint32_t number = *first; number <= *last; ++number) {
      addresses.push_back(ipv4_text(number));
    }
  }
  return addresses;
}

}  // namespace bench
