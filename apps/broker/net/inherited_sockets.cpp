#include "net/inherited_sockets.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace broker {
namespace {

using mqtt::io::SocketAddress;

int option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, level, name, &value, &size) == 0 ? value : 0;
}

bool is_dual_stack(int fd, const SocketAddress& address) {
  return address.family() == AF_INET6 && address.address() == "::" &&
         option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
}

std::optional<std::string> unix_path(int fd) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
  if (address.sun_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path)) return std::nullopt;
  // The system may leave the closing NUL out.
  const std::string path(address.sun_path, size - offsetof(sockaddr_un, sun_path));
  return path.substr(0, path.find('\0'));
}

std::string text_of(const InheritedSocket& socket) {
  std::string where = "no address that can be served";
  if (const auto address = SocketAddress::of_socket(socket.fd)) {
    where = fmt::format("{} port {}", address->address(), address->port());
  } else if (const auto path = unix_path(socket.fd)) {
    where = *path;
  }
  return fmt::format("{} ({})", socket.name.empty() ? "without a name" : socket.name, where);
}

bool is_usable(int fd) {
  const bool has_address = SocketAddress::of_socket(fd) || unix_path(fd);
  return has_address && option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM &&
         option(fd, SOL_SOCKET, SO_ACCEPTCONN) != 0;
}

}  // namespace

InheritedSockets::InheritedSockets(InheritedSockets&& other) noexcept
    : sockets_(std::exchange(other.sockets_, {})) {}

InheritedSockets& InheritedSockets::operator=(InheritedSockets&& other) noexcept {
  std::swap(sockets_, other.sockets_);
  return *this;
}

InheritedSockets::~InheritedSockets() {
  for (const InheritedSocket& socket : sockets_) ::close(socket.fd);
}

std::vector<std::string> InheritedSockets::drop_unusable() {
  std::vector<std::string> dropped;
  std::erase_if(sockets_, [&dropped](const InheritedSocket& socket) {
    if (is_usable(socket.fd)) return false;
    dropped.push_back(text_of(socket));
    ::close(socket.fd);
    return true;
  });
  return dropped;
}

template <class Fits>
std::optional<int> InheritedSockets::take_first(Fits fits) {
  const auto found =
      std::ranges::find_if(sockets_, [&fits](const InheritedSocket& one) { return fits(one.fd); });
  if (found == sockets_.end()) return std::nullopt;
  const int fd = found->fd;
  sockets_.erase(found);
  return fd;
}

std::optional<int> InheritedSockets::take(const SocketAddress& address) {
  return take_first([&address](int fd) {
    const auto own = SocketAddress::of_socket(fd);
    return own && own->family() == address.family() && own->port() == address.port() &&
           own->address() == address.address() && !is_dual_stack(fd, *own);
  });
}

std::optional<int> InheritedSockets::take_dual_stack(const SocketAddress& ipv6_wildcard) {
  return take_first([&ipv6_wildcard](int fd) {
    const auto own = SocketAddress::of_socket(fd);
    return own && own->port() == ipv6_wildcard.port() && is_dual_stack(fd, *own);
  });
}

std::optional<int> InheritedSockets::take(const std::string& path) {
  return take_first([&path](int fd) { return unix_path(fd) == path; });
}

std::vector<std::string> InheritedSockets::left() const {
  std::vector<std::string> texts;
  std::ranges::transform(sockets_, std::back_inserter(texts), text_of);
  return texts;
}

}  // namespace broker
