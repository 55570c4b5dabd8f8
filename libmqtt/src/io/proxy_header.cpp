#include "mqtt/io/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "mqtt/protocol/utf8.h"

namespace mqtt::io {
namespace {

using Failure = tl::unexpected<std::string_view>;
using Parsed = tl::expected<std::optional<ParsedProxyHeader>, std::string_view>;

constexpr std::string_view v1_signature = "PROXY ";
constexpr std::string_view v2_signature("\r\n\r\n\0\r\nQUIT\n", 12);

Failure failure(std::string_view reason) {
  return tl::make_unexpected(reason);
}

// Addresses.

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

std::string ipv4_text(const std::uint8_t* bytes) {
  return text_of(AF_INET, bytes);
}

/// IPv4 clients of a proxy that listens on IPv6 only are shown as IPv4.
std::string ipv6_text(const std::uint8_t* bytes) {
  constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(mapped.begin(), mapped.end(), bytes)) return ipv4_text(bytes + mapped.size());
  return text_of(AF_INET6, bytes);
}

// Version 1: "PROXY TCP4 192.0.2.1 192.0.2.2 56324 1883\r\n"

/// Removes the text up to the next space, and the space, from `rest`.
std::string_view next_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

/// The address in canonical form; nullopt: not an address of the family.
std::optional<std::string> canonical_address(int family, std::string_view word) {
  std::array<std::uint8_t, sizeof(in6_addr)> bytes{};
  if (word.find('\0') != std::string_view::npos) return std::nullopt;
  if (::inet_pton(family, std::string(word).c_str(), bytes.data()) != 1) return std::nullopt;
  return family == AF_INET ? ipv4_text(bytes.data()) : ipv6_text(bytes.data());
}

std::optional<std::uint16_t> port_of(std::string_view word) {
  constexpr std::size_t longest = 5;
  if (word.empty() || word.size() > longest || (word.size() > 1 && word[0] == '0'))
    return std::nullopt;
  unsigned number = 0;
  for (const char digit : word) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<unsigned>(digit - '0');
  }
  if (number > UINT16_MAX) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

tl::expected<Stream::Peer, std::string_view> parse_v1_addresses(int family, std::string_view rest) {
  const auto source = canonical_address(family, next_word(rest));
  const auto destination = canonical_address(family, next_word(rest));
  if (!source || !destination) return failure("an address in it is none");
  const auto source_port = port_of(next_word(rest));
  const auto destination_port = port_of(rest);
  if (!source_port || !destination_port) return failure("a port in it is none");
  return Stream::Peer{*source, *source_port};
}

Parsed parse_v1(std::string_view text) {
  const std::string_view within_limit = text.substr(0, proxy_v1_limit);
  const std::size_t end = within_limit.find('\n');
  if (end == std::string_view::npos) {
    if (text.size() >= proxy_v1_limit) return failure("it is longer than 108 bytes");
    return std::nullopt;
  }
  if (text[end - 1] != '\r') return failure("its line does not end in CR LF");
  ParsedProxyHeader parsed;
  parsed.size = end + 1;
  std::string_view rest = text.substr(v1_signature.size(), end - 1 - v1_signature.size());
  const std::string_view family = next_word(rest);
  if (family == "UNKNOWN") return parsed;  // whatever else the line says
  if (family != "TCP4" && family != "TCP6")
    return failure("TCP4, TCP6 or UNKNOWN is expected in it");
  auto source = parse_v1_addresses(family == "TCP4" ? AF_INET : AF_INET6, rest);
  if (!source) return failure(source.error());
  parsed.header.source = std::move(*source);
  return parsed;
}

// Version 2: signature, version and command, family, length; addresses; then TLVs.

constexpr std::size_t v2_fixed_size = 16;

enum class Command : std::uint8_t { local = 0, proxy = 1 };
/// Address family in the high half, 1 for a stream in the low one.
enum class Family : std::uint8_t { unknown = 0x00, tcp4 = 0x11, tcp6 = 0x21, unix_stream = 0x31 };

enum class TlvType : std::uint8_t {
  crc32c = 0x03,
  tls = 0x20,
  tls_version = 0x21,
  tls_common_name = 0x22,
  tls_cipher = 0x23,
};

/// The first byte of the TLS information: flags of the client.
constexpr std::uint8_t speaks_tls = 0x01;
constexpr std::uint8_t showed_certificate = 0x02 | 0x04;  // now, or when the session began

std::size_t number16(ByteView bytes) {
  return static_cast<std::size_t>(bytes[0]) << 8U | bytes[1];
}

std::uint32_t number32(ByteView bytes) {
  return static_cast<std::uint32_t>(number16(bytes) << 16U | number16(bytes.subspan(2)));
}

/// CRC-32C (Castagnoli) of a header, with its checksum field as zero.
std::uint32_t checksum(ByteView header, ByteView own) {
  constexpr std::uint32_t polynomial = 0x82F63B78;
  std::uint32_t sum = ~std::uint32_t{0};
  for (const std::uint8_t& byte : header) {
    const bool is_own = &byte >= own.data() && &byte < own.data() + own.size();
    sum ^= is_own ? std::uint8_t{0} : byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? polynomial : 0);
  }
  return ~sum;
}

/// Removes type, length and value from `rest`. nullopt: the length is wrong.
struct Tlv {
  TlvType type;
  ByteView value;
};
std::optional<Tlv> next_tlv(ByteView& rest) {
  constexpr std::size_t head = 3;
  if (rest.size() < head) return std::nullopt;
  const std::size_t length = number16(rest.subspan(1));
  if (rest.size() - head < length) return std::nullopt;
  const Tlv tlv{static_cast<TlvType>(rest[0]), rest.subspan(head, length)};
  rest = rest.subspan(head + length);
  return tlv;
}

constexpr std::string_view cut_off = "a field in it is cut off";

tl::expected<std::optional<ProxyTls>, std::string_view> parse_tls(ByteView value) {
  constexpr std::size_t head = 5;
  if (value.size() < head) return failure(cut_off);
  ProxyTls tls;
  const std::uint8_t client = value[0];
  const bool verified = number32(value.subspan(1)) == 0;
  tls.certificate_verified = (client & showed_certificate) != 0 && verified;
  for (ByteView rest = value.subspan(head); !rest.empty();) {
    const auto field = next_tlv(rest);
    if (!field) return failure(cut_off);
    const std::string_view text = as_text(field->value);
    if (field->type == TlvType::tls_version) tls.version = text;
    if (field->type == TlvType::tls_cipher) tls.cipher = text;
    if (field->type == TlvType::tls_common_name) tls.common_name = text;
  }
  // Both are logged.
  if (!is_valid_utf8(tls.version) || !is_valid_utf8(tls.cipher)) {
    return failure("the TLS version or cipher in it is no text");
  }
  if ((client & speaks_tls) == 0) return std::nullopt;
  return tls;
}

/// A wrong checksum, or TLS information given twice, is an error. Unknown types are ignored.
tl::expected<std::optional<ProxyTls>, std::string_view> parse_tlvs(ByteView header, ByteView rest) {
  std::optional<ProxyTls> tls;
  bool told_of_tls = false;
  while (!rest.empty()) {
    const auto tlv = next_tlv(rest);
    if (!tlv) return failure(cut_off);
    if (tlv->type == TlvType::crc32c) {
      constexpr std::size_t checksum_size = 4;
      if (tlv->value.size() != checksum_size) return failure("its checksum has not four bytes");
      if (number32(tlv->value) != checksum(header, tlv->value))
        return failure("its checksum is wrong");
    } else if (tlv->type == TlvType::tls) {
      if (std::exchange(told_of_tls, true)) return failure("it tells of TLS twice");
      auto parsed = parse_tls(tlv->value);
      if (!parsed) return failure(parsed.error());
      tls = std::move(*parsed);
    }
  }
  return tls;
}

/// The length of a family's addresses; nullopt: no such family.
std::optional<std::size_t> addresses_size(Family family) {
  switch (family) {
    case Family::unknown:
      return 0;
    case Family::tcp4:
      return 2 * sizeof(in_addr) + 4;
    case Family::tcp6:
      return 2 * sizeof(in6_addr) + 4;
    case Family::unix_stream:
      return 2 * 108;
  }
  return std::nullopt;
}

/// The client's path; if it has none, as usual, the one that it connected to. Neither, or an
/// abstract name: unknown.
tl::expected<std::optional<Stream::Peer>, std::string_view> parse_paths(ByteView addresses) {
  const auto path = [](ByteView field) {
    const std::string_view text = as_text(field);
    return text.substr(0, text.find('\0'));
  };
  std::string_view shown = path(addresses.first(addresses.size() / 2));
  if (shown.empty()) shown = path(addresses.subspan(addresses.size() / 2));
  if (!is_valid_utf8(shown)) return failure("a path in it is no text");
  if (shown.empty()) return std::nullopt;
  return Stream::Peer{std::string(shown), 0};
}

tl::expected<std::optional<Stream::Peer>, std::string_view> parse_v2_source(Family family,
                                                                            ByteView addresses) {
  const auto port_at = [&](std::size_t at) {
    return static_cast<std::uint16_t>(number16(addresses.subspan(at)));
  };
  switch (family) {
    case Family::unknown:
      break;
    case Family::tcp4:
      return Stream::Peer{ipv4_text(addresses.data()), port_at(2 * sizeof(in_addr))};
    case Family::tcp6:
      return Stream::Peer{ipv6_text(addresses.data()), port_at(2 * sizeof(in6_addr))};
    case Family::unix_stream:
      return parse_paths(addresses);
  }
  return std::nullopt;
}

Parsed parse_v2(ByteView bytes) {
  if (bytes.size() < v2_fixed_size) return std::nullopt;
  const std::size_t size = v2_fixed_size + number16(bytes.subspan(14));
  const auto command = static_cast<Command>(bytes[12] & 0x0F);
  const auto family = static_cast<Family>(bytes[13]);
  if (bytes[12] >> 4U != 2) return failure("it is of another version than 1 and 2");
  if (command > Command::proxy) return failure("its command is neither LOCAL nor PROXY");
  if (size > proxy_v2_limit) return failure("it is longer than 500 bytes");
  if (bytes.size() < size) return std::nullopt;
  ParsedProxyHeader parsed;
  parsed.size = size;
  parsed.header.is_local = command == Command::local;
  if (parsed.header.is_local) return parsed;  // the rest means nothing
  const ByteView header = bytes.first(size);
  const ByteView body = header.subspan(v2_fixed_size);
  const auto length = addresses_size(family);
  if (!length) return failure("it is for something else than TCP and Unix sockets");
  if (body.size() < *length) return failure("its addresses are cut off");
  auto source = parse_v2_source(family, body.first(*length));
  if (!source) return failure(source.error());
  auto tls = parse_tlvs(header, body.subspan(*length));
  if (!tls) return failure(tls.error());
  parsed.header.source = std::move(*source);
  parsed.header.tls = std::move(*tls);
  return parsed;
}

/// Whether bytes and signature are equal in their common length.
bool agree(std::string_view bytes, std::string_view signature) {
  const std::size_t common = std::min(bytes.size(), signature.size());
  return bytes.substr(0, common) == signature.substr(0, common);
}

}  // namespace

Parsed parse_proxy_header(ByteView bytes, ProxyVersion version) {
  const std::string_view text = as_text(bytes);
  const bool is_v1 = agree(text, v1_signature);
  if (!is_v1 && !agree(text, v2_signature)) return failure("there is none");
  if (text.size() < (is_v1 ? v1_signature : v2_signature).size()) return std::nullopt;
  if (is_v1 != (version == ProxyVersion::v1)) {
    return failure(is_v1 ? "it is of version 1, and 2 is expected"
                         : "it is of version 2, and 1 is expected");
  }
  return is_v1 ? parse_v1(text) : parse_v2(bytes);
}

}  // namespace mqtt::io
