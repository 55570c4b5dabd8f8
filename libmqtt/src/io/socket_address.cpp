#include "mqtt/io/socket_address.h"

#include <netinet/in.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace mqtt::io {
namespace {

using Lookup = int (*)(int, sockaddr*, socklen_t*);

std::optional<SocketAddress> look_up(Lookup lookup, int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (fd < 0 || lookup(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return std::nullopt;
  }
  if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) return std::nullopt;
  return SocketAddress(reinterpret_cast<const sockaddr*>(&storage), length);
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t length)
    : length_(std::min<socklen_t>(length, sizeof storage_)) {
  std::memcpy(&storage_, address, length_);
}

std::optional<SocketAddress> SocketAddress::parse(const std::string& address, std::uint16_t port) {
  sockaddr_in v4{};
  if (uv_ip4_addr(address.c_str(), port, &v4) == 0) {
    return SocketAddress(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
  }
  sockaddr_in6 v6{};
  if (uv_ip6_addr(address.c_str(), port, &v6) == 0) {
    return SocketAddress(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  }
  return std::nullopt;
}

std::optional<SocketAddress> SocketAddress::of_socket(int fd) {
  return look_up(
      [](int s, sockaddr* address, socklen_t* length) { return getsockname(s, address, length); },
      fd);
}

std::optional<SocketAddress> SocketAddress::of_peer(int fd) {
  return look_up(
      [](int s, sockaddr* address, socklen_t* length) { return getpeername(s, address, length); },
      fd);
}

std::string SocketAddress::address() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) {
    uv_ip4_name(reinterpret_cast<const sockaddr_in*>(&storage_), text.data(), text.size());
  } else if (family() == AF_INET6) {
    uv_ip6_name(reinterpret_cast<const sockaddr_in6*>(&storage_), text.data(), text.size());
  }
  return text.data();
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
  if (family() == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
  }
  return 0;
}

}  // namespace mqtt::io
