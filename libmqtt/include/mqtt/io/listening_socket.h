#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "mqtt/io/socket_address.h"

namespace mqtt::io {

/// A socket that listens, and from which nobody accepts yet: connections wait in the kernel's
/// queue. It belongs to no loop, so any thread may make it; SocketListener takes it into one.
class ListeningSocket {
 public:
  struct Failure {
    int error = 0;     ///< as errno has it
    std::string text;  ///< such as "address already in use"
  };
  struct TcpOptions {
    int backlog = 1024;  ///< the kernel may lower it (net.core.somaxconn)
    std::string device;  ///< accept from this network interface only; empty: from all
    /// Take a port that others have, if they let it be shared; see `share_port`.
    bool share_port = false;
    /// Bind the address without listening: to find out whether that would work. Nobody can connect,
    /// and others are not kept from listening there.
    bool only_bind = false;
  };
  struct UnixOptions {
    int backlog = 1024;
    mode_t mode = 0770;  ///< of the socket's file: who may write to it may connect
  };

  /// An IPv6 address stands for IPv6 only, so that both wildcard addresses can be listened on. Port
  /// 0 lets the system choose.
  static tl::expected<ListeningSocket, Failure> on_address(const SocketAddress& address,
                                                           const TcpOptions& options);
  /// A socket that was left over at `path`, on which nobody listens any more, gives way; nothing
  /// else does. The file is removed together with the last socket that shares it.
  static tl::expected<ListeningSocket, Failure> on_path(const std::string& path,
                                                        const UnixOptions& options);
  /// Whether the file of a socket could be made at `path`, without making it. Whether someone
  /// listens on a socket that is there is not asked.
  static tl::expected<void, Failure> check_path(const std::string& path);
  /// Takes over a descriptor that listens already. A Unix socket's file is whoever's that made it,
  /// and stays.
  static tl::expected<ListeningSocket, Failure> adopt(int fd);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  /// Another descriptor of the same socket: who has either of them accepts what waits.
  tl::expected<ListeningSocket, Failure> share() const;
  /// Whether other sockets of this user may take the same port, on an address that overlaps with
  /// this one (0.0.0.0 and 127.0.0.1), if they ask for it as well. Off unless it is switched on.
  void share_port(bool on) const;

  int fd() const { return fd_; }
  /// Where it listens: with the port that the system chose, if it was left to it. Of family 0 for a
  /// Unix socket.
  const SocketAddress& address() const { return address_; }
  /// Of a Unix socket; empty: none.
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
