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
  ~TcpListener() = default;

  struct Options {
    int backlog = 1024;  ///< the kernel may lower it (net.core.somaxconn)
    std::string device;  ///< accept from this network interface only; empty: from all
  };

  /// An IPv6 address stands for IPv6 only, so that both wildcard addresses can be listened on. Port
  /// 0 lets the system choose. An error is a text such as "address already in use".
  static tl::expected<std::unique_ptr<TcpListener>, std::string> listen(
      Loop& loop, const SocketAddress& address, ListenerEvents events, const Options& options);
  static tl::expected<std::unique_ptr<TcpListener>, std::string> listen(
      Loop& loop, const SocketAddress& address, ListenerEvents events) {
    return listen(loop, address, std::move(events), Options());
  }

  /// Takes over a socket that someone else has bound and made to listen.
  static std::unique_ptr<TcpListener> adopt(Loop& loop, int fd, ListenerEvents events);

  /// Which addresses a listener's host stands for: one socket each. An empty host stands for the
  /// wildcard addresses of both families; a family of AF_INET or AF_INET6 limits the answer. Asks
  /// the name service and waits for it: for the start of a program.
  static tl::expected<std::vector<SocketAddress>, std::string> resolve(const std::string& host,
                                                                       std::uint16_t port,
                                                                       int family = AF_UNSPEC);

  /// Where it listens: the port that the system chose, if it was left to it.
  SocketAddress address() const;
  std::uint16_t port() const { return address().port(); }

 private:
  using SocketListener::SocketListener;
};

}  // namespace mqtt::io
