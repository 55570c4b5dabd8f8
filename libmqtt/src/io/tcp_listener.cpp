#include "mqtt/io/tcp_listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>

#include "mqtt/io/loop.h"

namespace mqtt::io {
namespace {

int listen_on(int fd, const SocketAddress& address, const TcpListener::Options& options) {
  const int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return errno;
  if (address.family() == AF_INET6 &&
      setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
    return errno;
  }
  if (!options.device.empty() && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, options.device.c_str(),
                                            static_cast<socklen_t>(options.device.size())) != 0) {
    return errno;
  }
  if (bind(fd, address.get(), address.length()) != 0) return errno;
  if (::listen(fd, options.backlog) != 0) return errno;
  return 0;
}

}  // namespace

tl::expected<std::unique_ptr<TcpListener>, std::string> TcpListener::listen(
    Loop& loop, const SocketAddress& address, ListenerEvents events, const Options& options) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int error = fd < 0 ? errno : listen_on(fd, address, options);
  if (error != 0) {
    if (fd >= 0) close(fd);
    return tl::unexpected(std::string(uv_strerror(uv_translate_sys_error(error))));
  }
  return std::unique_ptr<TcpListener>(new TcpListener(loop, fd, std::move(events)));
}

std::unique_ptr<TcpListener> TcpListener::adopt(Loop& loop, int fd, ListenerEvents events) {
  return std::unique_ptr<TcpListener>(new TcpListener(loop, fd, std::move(events)));
}

tl::expected<std::vector<SocketAddress>, std::string> TcpListener::resolve(const std::string& host,
                                                                           std::uint16_t port,
                                                                           int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int result = getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                 std::to_string(port).c_str(), &hints, &list);
  if (result != 0) return tl::unexpected(std::string(gai_strerror(result)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, &freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (; list != nullptr; list = list->ai_next) {
    addresses.emplace_back(list->ai_addr, list->ai_addrlen);
  }
  return addresses;
}

SocketAddress TcpListener::address() const {
  return SocketAddress::of_socket(fd()).value_or(SocketAddress());
}

}  // namespace mqtt::io
