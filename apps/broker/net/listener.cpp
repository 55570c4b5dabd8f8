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
                                                                    const Events& events,
                                                                    InheritedSockets& inherited) {
  auto listener = std::make_unique<Listener>();
  const mqtt::io::ListenerEvents socket_events{events.on_accept, events.on_exhausted};
  const Failure failure =
      config.unix_path.empty()
          ? listener->open_tcp_all(loop, config, socket_events, inherited)
          : listener->open_unix(loop, config.unix_path, socket_events, inherited);
  if (failure) return tl::unexpected(*failure);
  return listener;
}

Listener::Failure Listener::open_unix(mqtt::io::Loop& loop, const std::string& path,
                                      const mqtt::io::ListenerEvents& events,
                                      InheritedSockets& inherited) {
  if (const auto fd = inherited.take(path)) {
    unix_socket_ = mqtt::io::UnixListener::adopt(loop, *fd, path, events);
    return std::nullopt;
  }
  auto socket = mqtt::io::UnixListener::listen(loop, path, events);
  if (!socket) return fmt::format("{}: {}", path, socket.error());
  unix_socket_ = std::move(*socket);
  return std::nullopt;
}

Listener::Failure Listener::open_tcp_all(mqtt::io::Loop& loop, const ListenerConfig& config,
                                         const mqtt::io::ListenerEvents& events,
                                         InheritedSockets& inherited) {
  const Addresses addresses = addresses_of(config);
  if (!addresses) return addresses.error();
  const bool is_wildcard = config.host.empty() && config.bind_interface.empty();
  // One socket of a service manager may stand for both families.
  const auto both = is_wildcard && config.socket_domain == SocketDomain::any
                        ? inherited.take_dual_stack(*SocketAddress::parse("::", config.port))
                        : std::nullopt;
  if (both) {
    sockets_.push_back(TcpListener::adopt(loop, *both, events));
    return std::nullopt;
  }
  Failure failure;
  for (const SocketAddress& address : *addresses) {
    const Failure failed = open_tcp(loop, address, events, inherited);
    if (!failed) continue;
    // A host without IPv6 (or IPv4) cannot have both wildcard addresses; a named one is meant.
    if (!is_wildcard) return failed;
    failure = failed;
  }
  return sockets_.empty() ? failure : std::nullopt;
}

Listener::Failure Listener::open_tcp(mqtt::io::Loop& loop, const SocketAddress& address,
                                     const mqtt::io::ListenerEvents& events,
                                     InheritedSockets& inherited) {
  if (const auto fd = inherited.take(address)) {
    sockets_.push_back(TcpListener::adopt(loop, *fd, events));
    return std::nullopt;
  }
  auto socket = TcpListener::listen(loop, address, events);
  if (!socket)
    return fmt::format("{} port {}: {}", address.address(), address.port(), socket.error());
  sockets_.push_back(std::move(*socket));
  return std::nullopt;
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
