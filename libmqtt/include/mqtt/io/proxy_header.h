#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "mqtt/io/stream.h"
#include "mqtt/protocol/bytes.h"

/// The PROXY protocol of HAProxy: what a proxy writes in front of a connection that it passes on,
/// so that the server learns who is behind it. Reading it is pure: bytes in, a value or an error
/// out.
namespace mqtt::io {

/// The two forms of the header: a line of text, or binary.
enum class ProxyVersion : std::uint8_t { v1 = 1, v2 = 2 };

/// The longest header of each version that is read; a longer one is an error as soon as it is known
/// to be longer.
inline constexpr std::size_t proxy_v1_limit = 108;
inline constexpr std::size_t proxy_v2_limit = 500;

/// The TLS that the client spoke with the proxy. Only version 2 tells of it.
struct ProxyTls {
  std::string version;  ///< such as "TLSv1.3"; text, empty: not told
  std::string cipher;   ///< the same
  /// The client has shown a certificate, in this connection or in the session that it resumes, and
  /// the proxy has verified it.
  bool certificate_verified = false;
  /// That of the client's certificate, whether it was verified or not. It may contain anything.
  std::optional<std::string> common_name;
};

/// What the proxy says.
struct ProxyHeader {
  /// The proxy speaks for itself, to see whether the server is there (version 2, LOCAL). Nothing
  /// else is told then.
  bool is_local = false;
  /// The client: a canonical IP address and a port, or the path of a Unix socket (the client's, or
  /// the proxy's where the client has none) and 0. nullopt: the proxy does not know it.
  std::optional<Stream::Peer> source;
  std::optional<ProxyTls> tls;  ///< nullopt: the client speaks no TLS, or the proxy does not tell
};

struct ParsedProxyHeader {
  ProxyHeader header;
  std::size_t size = 0;  ///< its bytes; what follows is the client's
};

/// The header at the beginning of `bytes`; nullopt: it is not complete yet, and right so far (so
/// that whoever keeps the bytes keeps fewer than the version's limit). Otherwise what is wrong with
/// it. The answer is the same in whatever pieces the bytes arrive.
tl::expected<std::optional<ParsedProxyHeader>, std::string_view> parse_proxy_header(
    ByteView bytes, ProxyVersion version);

}  // namespace mqtt::io
