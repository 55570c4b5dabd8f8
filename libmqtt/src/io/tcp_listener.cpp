#include "mqtt/io/tcp_listener.h"

#include <netdb.h>
#include <sys/socket.h>

namespace mqtt::io {

tl::expected<std::unique_ptr<TcpListener>, std::string> TcpListener::listen(
    Loop& loop, const SocketAddress& address, ListenerEvents events, const Options& options) {
  auto socket = ListeningSocket::on_address(address, options);
  if (!socket) return tl::unexpected(socket.error().text);
  return std::make_unique<TcpListener>(loop, std::move(*socket), std::move(events));
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

}  // namespace mqtt::io
