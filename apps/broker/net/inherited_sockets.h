#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/io/socket_address.h"

namespace broker {

/// A socket that the process was given at its start, by a service manager that listens on its
/// behalf.
struct InheritedSocket {
  int fd = -1;
  std::string name;  ///< what the manager calls it; may be empty
};

/// The inherited sockets that no listener has taken yet. Owns their descriptors.
class InheritedSockets {
 public:
  InheritedSockets() = default;
  explicit InheritedSockets(std::vector<InheritedSocket> sockets) : sockets_(std::move(sockets)) {}
  InheritedSockets(InheritedSockets&& other) noexcept;
  InheritedSockets& operator=(InheritedSockets&& other) noexcept;
  ~InheritedSockets();

  /// Drops what cannot be listened on; for each a line that says what it is.
  std::vector<std::string> drop_unusable();

  /// The descriptor of a socket that listens on this address; the receiver owns it.
  std::optional<int> take(const mqtt::io::SocketAddress& address);
  /// The same of one that listens on this wildcard address of IPv6 and on that of IPv4, too.
  std::optional<int> take_dual_stack(const mqtt::io::SocketAddress& ipv6_wildcard);
  /// The same of a Unix socket.
  std::optional<int> take(const std::string& unix_path);

  /// What is left, a line for each: "NAME (127.0.0.1 port 1883)".
  std::vector<std::string> left() const;

 private:
  template <class Fits>
  std::optional<int> take_first(Fits fits);

  std::vector<InheritedSocket> sockets_;
};

}  // namespace broker
