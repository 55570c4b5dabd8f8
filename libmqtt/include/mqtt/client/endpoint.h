#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/io/service_lookup.h"

namespace mqtt::io {
class TlsContext;
}

namespace mqtt::client {

/// Where a server is, and which layers lead to it: TCP, through a proxy if one is set, or a Unix
/// socket, then TLS, then WebSocket.
struct Endpoint {
  std::string host = "localhost";  ///< name, or IPv4 or IPv6 address without brackets
  std::uint16_t port = 1883;
  /// Set: `host` is a domain, whose name servers are asked for its SRV records, anew for each
  /// connection; `port` does not count. Not through a proxy. The hosts that they name are tried
  /// by priority and weight until one accepts the connection. What the name servers say is not
  /// proven: TLS still asks for the name `host`, unless `tls_server_name` is set.
  std::optional<io::ServiceLookup> service_lookup;
  /// Not empty: the path of a Unix socket, instead of host and port.
  std::string unix_path;
  /// Not empty: the local address to connect from.
  std::string bind_address;
  bool no_delay = true;  ///< TCP_NODELAY

  /// A SOCKS5 proxy, which looks up `host`.
  struct Proxy {
    std::string host;
    std::uint16_t port = 1080;
    std::optional<std::string> user_name;  ///< user name and password: at most 255 bytes each
    std::string password;
  };
  /// Set: TCP connections go through it (`bind_address` is for the way to it).
  std::optional<Proxy> proxy;

  /// Set: TLS, with these certificates and rules; shared by any number of clients.
  std::shared_ptr<const io::TlsContext> tls;
  /// The name to ask for and to verify; empty: `host`.
  std::string tls_server_name;
  /// False: any certificate that the authorities of `tls` vouch for will do, whatever name it has.
  bool tls_verify_name = true;
  /// Not empty: told, on the loop's thread, how long the TLS handshake of each connection took. It
  /// must not call the client.
  std::function<void(std::chrono::nanoseconds)> on_tls_handshake;

  struct WebSocket {
    std::string path = "/mqtt";
    std::string host_header;  ///< empty: `host`, and `port` unless it is 80 (443 with TLS)
    std::vector<std::pair<std::string, std::string>> headers;  ///< further header fields
  };
  std::optional<WebSocket> web_socket;
};

}  // namespace mqtt::client
