#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "mqtt/io/stream.h"
#include "mqtt/protocol/bytes.h"

/// The PROXY protocol of HAProxy: the header that a proxy sends before the data of a connection, to
/// identify the client. The parser is pure: bytes in, a value or an error out.
namespace mqtt::io {

/// The two forms of the header: a line of text, or binary.
enum class ProxyVersion : std::uint8_t { v1 = 1, v2 = 2 };

/// The longest header accepted in each version; a longer one is an error as soon as its length is
/// known.
inline constexpr std::size_t proxy_v1_limit = 108;
inline constexpr std::size_t proxy_v2_limit = 500;

/// The TLS between the client and the proxy. Reported only in version 2.
struct ProxyTls {
  std::string version;  ///< such as "TLSv1.3"; text, empty: not reported
  std::string cipher;   ///< the same
  /// The client presented a certificate, in this connection or in the session that it resumes, and
  /// the proxy verified it.
  bool certificate_verified = false;
  /// From the client's certificate, verified or not. It may contain anything.
  std::optional<std::string> common_name;
};

/// A parsed header.
struct ProxyHeader {
  /// The proxy's own connection, as a health check (version 2, LOCAL). Nothing else is reported
  /// then.
  bool is_local = false;
  /// The client: a canonical IP address and a port, or the path of a Unix socket (the client's, or
  /// the proxy's where the client has none) and 0. nullopt: the proxy does not know it.
  std::optional<Stream::Peer> source;
  std::optional<ProxyTls>
      tls;  ///< nullopt: the client uses no TLS, or the proxy does not report it
};

struct ParsedProxyHeader {
  ProxyHeader header;
  std::size_t size = 0;  ///< its bytes; what follows is the client's
};

/// The header at the beginning of `bytes`; nullopt: incomplete, and valid so far (so a caller that
/// keeps the bytes keeps fewer than the version's limit). Otherwise the error. The result does not
/// depend on how the bytes are split.
tl::expected<std::optional<ParsedProxyHeader>, std::string_view> parse_proxy_header(
    ByteView bytes, ProxyVersion version);

}  // namespace mqtt::io
