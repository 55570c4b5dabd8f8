#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mqtt::io {
class TlsContext;
}

namespace mqtt::client {

/// Where a server is, and which layers lead to it: TCP or a Unix socket, then TLS, then WebSocket.
struct Endpoint {
  std::string host = "localhost";  ///< name, or IPv4 or IPv6 address without brackets
  std::uint16_t port = 1883;
  /// Not empty: the path of a Unix socket, instead of host and port.
  std::string unix_path;
  /// Not empty: the local address to connect from.
  std::string bind_address;
  bool no_delay = true;  ///< TCP_NODELAY

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
