#include "net/listener.h"

#include <fmt/core.h>

namespace broker {
namespace {

int family(SocketDomain domain) {
  switch (domain) {
    case SocketDomain::ipv4: return AF_INET;
    case SocketDomain::ipv6: return AF_INET6;
    case SocketDomain::any: break;
  }
  return AF_UNSPEC;
}

}  // namespace

tl::expected<std::unique_ptr<Listener>, std::string> Listener::open(mqtt::io::Loop& loop, const ListenerConfig& config,
                                                                    const Events& events) {
  using mqtt::io::TcpListener;
  const auto addresses = TcpListener::resolve(config.host, config.port, family(config.socket_domain));
  if (!addresses) return tl::unexpected(fmt::format("{}: {}", config.host, addresses.error()));
  auto listener = std::make_unique<Listener>();
  std::string failure;
  for (const mqtt::io::SocketAddress& address : *addresses) {
    auto socket = TcpListener::listen(loop, address, {events.on_accept, events.on_exhausted});
    if (socket) {
      listener->sockets_.push_back(std::move(*socket));
      continue;
    }
    failure = fmt::format("{} port {}: {}", address.address(), address.port(), socket.error());
    // A host without IPv6 (or IPv4) cannot have both wildcard addresses; a named one is meant.
    if (!config.host.empty()) return tl::unexpected(failure);
  }
  if (listener->sockets_.empty()) return tl::unexpected(failure);
  return listener;
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> texts;
  for (const auto& socket : sockets_) {
    const mqtt::io::SocketAddress address = socket->address();
    texts.push_back(fmt::format("{} port {}", address.address(), address.port()));
  }
  return texts;
}

}  // namespace broker
