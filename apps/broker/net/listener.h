#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/config.h"
#include "mqtt/io/tcp_listener.h"
#include "mqtt/io/unix_listener.h"

namespace broker {

/// The sockets of one `listener` of the configuration: one per address that its host or its network
/// interface stands for, or one Unix socket. Belongs to the worker whose loop it listens on.
class Listener {
 public:
  struct Events {
    std::function<void(int fd)> on_accept;  ///< a connected socket; the receiver owns it
    std::function<void(const std::string& reason)> on_exhausted;
  };

  /// Opens every socket, or none: the error says which address failed and why.
  static tl::expected<std::unique_ptr<Listener>, std::string> open(mqtt::io::Loop& loop,
                                                                   const ListenerConfig& config,
                                                                   const Events& events);

  /// Of the first TCP socket: what the system chose, if the configuration left it to the system. 0
  /// for a Unix socket.
  std::uint16_t port() const {
    return sockets_.empty() ? std::uint16_t{0} : sockets_.front()->port();
  }
  /// "ADDRESS port PORT" of every socket, or the path, for the log.
  std::vector<std::string> addresses() const;

 private:
  std::vector<std::unique_ptr<mqtt::io::TcpListener>> sockets_;
  std::unique_ptr<mqtt::io::UnixListener> unix_socket_;
};

}  // namespace broker
