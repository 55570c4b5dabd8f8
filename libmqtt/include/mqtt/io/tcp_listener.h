#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "mqtt/io/socket_address.h"
#include "mqtt/io/socket_listener.h"

namespace mqtt::io {

/// Listens on one IP address and port.
class TcpListener final : public SocketListener {
 public:
  using SocketListener::SocketListener;
  using Options = ListeningSocket::TcpOptions;

  /// See ListeningSocket::on_address.
  static tl::expected<std::unique_ptr<TcpListener>, std::string> listen(
      Loop& loop, const SocketAddress& address, ListenerEvents events, const Options& options);
  static tl::expected<std::unique_ptr<TcpListener>, std::string> listen(
      Loop& loop, const SocketAddress& address, ListenerEvents events) {
    return listen(loop, address, std::move(events), Options());
  }

  /// Resolves a listener's host to addresses, one socket each. An empty host means the wildcard
  /// addresses of both families; a family of AF_INET or AF_INET6 restricts the result. Blocks while
  /// the name is resolved: for the start of a program.
  static tl::expected<std::vector<SocketAddress>, std::string> resolve(const std::string& host,
                                                                       std::uint16_t port,
                                                                       int family = AF_UNSPEC);

  /// The address, with the port that the system chose if it was 0.
  const SocketAddress& address() const { return socket().address(); }
  std::uint16_t port() const { return address().port(); }
};

}  // namespace mqtt::io
