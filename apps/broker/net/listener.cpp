#include "net/listener.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "net/interface_addresses.h"

namespace broker {
namespace {

using mqtt::io::SocketAddress;
using mqtt::io::TcpListener;
using Addresses = tl::expected<std::vector<SocketAddress>, std::string>;

int family(SocketDomain domain) {
  switch (domain) {
    case SocketDomain::ipv4:
      return AF_INET;
    case SocketDomain::ipv6:
      return AF_INET6;
    case SocketDomain::any:
      break;
  }
  return AF_UNSPEC;
}

bool contains(const std::vector<SocketAddress>& addresses, const SocketAddress& wanted) {
  return std::ranges::any_of(
      addresses, [&](const SocketAddress& one) { return one.address() == wanted.address(); });
}

/// Where to listen: what the host stands for, what the interface has, or what both agree on.
Addresses addresses_of(const ListenerConfig& config) {
  const int wanted = family(config.socket_domain);
  if (config.bind_interface.empty()) {
    auto named = TcpListener::resolve(config.host, config.port, wanted);
    if (!named) return tl::unexpected(fmt::format("{}: {}", config.host, named.error()));
    return named;
  }
  auto own = interface_addresses(config.bind_interface, config.port, wanted);
  if (!own)
    return tl::unexpected(fmt::format("interface {}: {}", config.bind_interface, own.error()));
  if (config.host.empty()) return own;
  auto named = TcpListener::resolve(config.host, config.port, wanted);
  if (!named) return tl::unexpected(fmt::format("{}: {}", config.host, named.error()));
  std::erase_if(*named, [&](const SocketAddress& one) { return !contains(*own, one); });
  if (named->empty()) {
    return tl::unexpected(
        fmt::format("{}: no address of the interface {}", config.host, config.bind_interface));
  }
  return named;
}

}  // namespace

tl::expected<std::unique_ptr<Listener>, std::string> Listener::open(mqtt::io::Loop& loop,
                                                                    const ListenerConfig& config,
                                                                    const Events& events) {
  auto listener = std::make_unique<Listener>();
  const mqtt::io::ListenerEvents socket_events{events.on_accept, events.on_exhausted};
  if (!config.unix_path.empty()) {
    auto socket = mqtt::io::UnixListener::listen(loop, config.unix_path, socket_events);
    if (!socket) return tl::unexpected(fmt::format("{}: {}", config.unix_path, socket.error()));
    listener->unix_socket_ = std::move(*socket);
    return listener;
  }
  const Addresses addresses = addresses_of(config);
  if (!addresses) return tl::unexpected(addresses.error());
  std::string failure;
  for (const SocketAddress& address : *addresses) {
    auto socket = TcpListener::listen(loop, address, socket_events);
    if (socket) {
      listener->sockets_.push_back(std::move(*socket));
      continue;
    }
    failure = fmt::format("{} port {}: {}", address.address(), address.port(), socket.error());
    // A host without IPv6 (or IPv4) cannot have both wildcard addresses; a named one is meant.
    if (!config.host.empty() || !config.bind_interface.empty()) return tl::unexpected(failure);
  }
  if (listener->sockets_.empty()) return tl::unexpected(failure);
  return listener;
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> texts;
  for (const auto& socket : sockets_) {
    const SocketAddress address = socket->address();
    texts.push_back(fmt::format("{} port {}", address.address(), address.port()));
  }
  if (unix_socket_) texts.push_back(unix_socket_->path());
  return texts;
}

}  // namespace broker
