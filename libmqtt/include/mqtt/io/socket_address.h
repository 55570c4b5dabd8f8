#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace mqtt::io {

/// An IP address and port, as used by socket calls.
class SocketAddress {
 public:
  SocketAddress() = default;
  /// `length` bytes of a socket call's answer, of family AF_INET or AF_INET6.
  SocketAddress(const sockaddr* address, socklen_t length);

  /// From a numeric address ("127.0.0.1", "::1", "fe80::1%eth0"); nothing else is understood.
  static std::optional<SocketAddress> parse(const std::string& address, std::uint16_t port);
  /// Of the two ends of a connected or bound socket; nullopt if it has none or is no IP socket.
  static std::optional<SocketAddress> of_socket(int fd);
  static std::optional<SocketAddress> of_peer(int fd);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }
  int family() const { return storage_.ss_family; }

  std::string address() const;
  std::uint16_t port() const;

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

}  // namespace mqtt::io
