#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "mqtt/io/socket_address.h"

namespace mqtt::io {

/// A listening socket that does not accept yet: connections wait in the kernel's queue. It belongs
/// to no loop, so any thread may create it; SocketListener attaches it to one.
class ListeningSocket {
 public:
  struct Failure {
    int error = 0;     ///< an errno value
    std::string text;  ///< such as "address already in use"
  };
  struct TcpOptions {
    int backlog = 1024;  ///< the kernel may lower it (net.core.somaxconn)
    std::string device;  ///< accept only from this network interface; empty: from all
    /// Use a port that other sockets use, if they allow sharing; see `share_port`.
    bool share_port = false;
    /// Bind the address without listening, as a test. Clients cannot connect, and other sockets can
    /// still listen there.
    bool only_bind = false;
  };
  struct UnixOptions {
    int backlog = 1024;
    mode_t mode = 0770;  ///< of the socket's file: write permission allows connecting
  };

  /// An IPv6 address accepts IPv6 only, so that a program can listen on both wildcard addresses.
  /// Port 0 lets the system choose.
  static tl::expected<ListeningSocket, Failure> on_address(const SocketAddress& address,
                                                           const TcpOptions& options);
  /// Replaces a stale socket at `path` on which no process listens; any other file is an error. The
  /// file is removed together with the last socket that shares it.
  static tl::expected<ListeningSocket, Failure> on_path(const std::string& path,
                                                        const UnixOptions& options);
  /// Whether a socket file could be created at `path`, without creating it. Does not check whether
  /// a process listens on an existing socket.
  static tl::expected<void, Failure> check_path(const std::string& path);
  /// Takes over a descriptor that is already listening. A Unix socket's file belongs to its creator
  /// and is not removed.
  static tl::expected<ListeningSocket, Failure> adopt(int fd);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  /// Another descriptor of the same socket: both accept the same waiting connections.
  tl::expected<ListeningSocket, Failure> share() const;
  /// Whether other sockets of this user may use the same port on an overlapping address (0.0.0.0
  /// and 127.0.0.1), if they enable it, too. Off by default.
  void share_port(bool on) const;

  int fd() const { return fd_; }
  /// The address, with the port that the system chose if it was 0. Family 0 for a Unix socket.
  const SocketAddress& address() const { return address_; }
  /// The path of a Unix socket; empty: none.
  const std::string& path() const { return path_; }

 private:
  class SocketFile;
  explicit ListeningSocket(int fd) : fd_(fd) {}

  int fd_;  // -1 once moved from
  SocketAddress address_;
  std::string path_;
  std::shared_ptr<const SocketFile> file_;
};

}  // namespace mqtt::io
