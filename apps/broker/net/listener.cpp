#include "net/listener.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "mqtt/io/tcp_listener.h"
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

/// Whether the machine has no such addresses: one without IPv6 (or IPv4) cannot have both wildcard
/// addresses, and does well with one.
bool lacks_family(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

std::string text_of(const SocketAddress& address) {
  return fmt::format("{} port {}", address.address(), address.port());
}

}  // namespace

tl::expected<std::unique_ptr<Listener>, std::string> Listener::open(
    const ListenerConfig& config, std::span<const Listener* const> leaving,
    InheritedSockets* inherited) {
  InheritedSockets none;
  InheritedSockets& passed = inherited != nullptr ? *inherited : none;
  std::vector<Socket> sockets;
  if (!config.unix_path.empty()) {
    auto socket = open_path(config.unix_path, leaving, passed);
    if (!socket)
      return tl::unexpected(fmt::format("{}: {}", config.unix_path, socket.error().text));
    sockets.push_back(std::move(*socket));
    return std::make_unique<Listener>(std::move(sockets));
  }
  const Addresses addresses = addresses_of(config);
  if (!addresses) return tl::unexpected(addresses.error());
  const bool is_wildcard = config.host.empty() && config.bind_interface.empty();
  // One socket of a service manager may stand for both families.
  const auto both = is_wildcard && config.socket_domain == SocketDomain::any
                        ? passed.take_dual_stack(*SocketAddress::parse("::", config.port))
                        : std::nullopt;
  if (both) {
    auto socket = Socket::adopt(*both);
    if (!socket) return tl::unexpected(socket.error().text);
    sockets.push_back(std::move(*socket));
    return std::make_unique<Listener>(std::move(sockets));
  }
  std::string failure;
  for (const SocketAddress& address : *addresses) {
    auto socket = open_address(address, leaving, passed);
    if (socket) {
      sockets.push_back(std::move(*socket));
      continue;
    }
    failure = fmt::format("{}: {}", text_of(address), socket.error().text);
    if (!is_wildcard || !lacks_family(socket.error().error)) return tl::unexpected(failure);
  }
  if (sockets.empty()) return tl::unexpected(failure);
  return std::make_unique<Listener>(std::move(sockets));
}

Listener::Opened Listener::open_address(const SocketAddress& address,
                                        std::span<const Listener* const> leaving,
                                        InheritedSockets& inherited) {
  if (const auto fd = inherited.take(address)) return Socket::adopt(*fd);
  Socket::TcpOptions options;
  for (const Listener* listener : leaving) {
    for (const Socket* socket : listener->sockets()) {
      const SocketAddress& theirs = socket->address();
      if (address.port() == 0 || theirs.port() != address.port() ||
          theirs.family() != address.family())
        continue;
      if (theirs.address() == address.address()) return socket->share();
      socket->share_port(true);
      options.share_port = true;
    }
  }
  return Socket::on_address(address, options);
}

Listener::Opened Listener::open_path(const std::string& path,
                                     std::span<const Listener* const> leaving,
                                     InheritedSockets& inherited) {
  if (const auto fd = inherited.take(path)) return Socket::adopt(*fd);
  for (const Listener* listener : leaving) {
    for (const Socket* socket : listener->sockets()) {
      if (socket->path() == path) return socket->share();
    }
  }
  return Socket::on_path(path, {});
}

void Listener::start(mqtt::io::Loop& loop, const Events& events) {
  const mqtt::io::ListenerEvents socket_events{events.on_accept, events.on_exhausted};
  for (Socket& socket : waiting_) {
    accepting_.push_back(
        std::make_unique<mqtt::io::SocketListener>(loop, std::move(socket), socket_events));
  }
  waiting_.clear();
}

void Listener::pause() const {
  for (const auto& socket : accepting_) socket->pause();
}

void Listener::resume() const {
  for (const auto& socket : accepting_) socket->resume();
}

void Listener::share_port(bool on) const {
  for (const Socket* socket : sockets()) socket->share_port(on);
}

std::vector<const Listener::Socket*> Listener::sockets() const {
  std::vector<const Socket*> all;
  for (const Socket& socket : waiting_) all.push_back(&socket);
  for (const auto& socket : accepting_) all.push_back(&socket->socket());
  return all;
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> texts;
  for (const Socket* socket : sockets()) {
    texts.push_back(socket->path().empty() ? text_of(socket->address()) : socket->path());
  }
  return texts;
}

}  // namespace broker
