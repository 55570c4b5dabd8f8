#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "access/files/psk_file.h"
#include "config/config.h"
#include "config/config_error.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/proxy_stream.h"
#include "mqtt/io/stream.h"
#include "mqtt/io/tls_context.h"
#include "mqtt/io/websocket_stream.h"

namespace broker {

/// What lies between the sockets of one listener and the packets: TCP or a Unix socket, then the
/// header of a proxy, then TLS, then WebSocket. The only code of the
/// broker that stacks layers.
///
/// Immutable: all workers share it, and a reload makes another one, for connections from then on.
class ListenerTransport {
 public:
  /// Reads the files that the listener names. `keys` are for a listener with a psk_hint; may be
  /// null. The errors name the keys that cannot be used.
  static tl::expected<std::shared_ptr<const ListenerTransport>, std::vector<ConfigError>> make(
      const Config& config, const ListenerConfig& listener, std::shared_ptr<const PskFile> keys);

  /// The stream over a socket that was accepted, which it takes over. Not started.
  mqtt::io::StreamPtr open(mqtt::io::Loop& loop, int fd) const;
  /// What a connection of this listener may hold before its stream is open, at most: half a header
  /// of a proxy, of HTTP, a TLS handshake.
  std::uint32_t opening_bytes() const;

 private:
  ListenerTransport() = default;

  bool unix_socket_ = false;
  bool no_delay_ = false;
  bool verifies_clients_ = false;                    ///< asks for their certificates
  std::optional<mqtt::io::ProxyRules> proxy_;        ///< nullopt: no header
  std::shared_ptr<const mqtt::io::TlsContext> tls_;  ///< null: no TLS
  std::shared_ptr<const mqtt::io::WebSocketServerOptions> web_socket_;  ///< null: no WebSocket
};

}  // namespace broker
