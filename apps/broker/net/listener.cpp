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
using Failure = Listener::Failure;
using Addresses = tl::expected<std::vector<SocketAddress>, Failure>;

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

Addresses named_addresses(const ListenerConfig& config, int wanted) {
  return TcpListener::resolve(config.host, config.port, wanted)
      .map_error([&](const std::string& reason) {
        return Failure{config.host, reason, 0, {}};
      });
}

/// Where to listen: what the host stands for, what the interface has, or what both agree on.
Addresses addresses_of(const ListenerConfig& config) {
  const int wanted = family(config.socket_domain);
  const std::string& interface = config.bind_interface;
  if (interface.empty()) return named_addresses(config, wanted);
  const auto own = interface_addresses(interface, config.port, wanted);
  if (!own) return tl::unexpected(Failure{interface, own.error(), 0, {}, true});
  if (config.host.empty()) return *own;
  auto named = named_addresses(config, wanted);
  if (!named) return named;
  std::erase_if(*named, [&](const SocketAddress& one) { return !contains(*own, one); });
  if (named->empty()) {
    return tl::unexpected(
        Failure{config.host, "no address of the interface " + interface, 0, {}, true});
  }
  return named;
}

/// Whether the machine has no such addresses: one without IPv6 (or IPv4) cannot have both wildcard
/// addresses, and does well with one.
bool lacks_family(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

bool is_wildcard(const SocketAddress& address) {
  return address.address() == "0.0.0.0" || address.address() == "::";
}

std::string text_of(const SocketAddress& address) {
  return fmt::format("{} port {}", address.address(), address.port());
}

}  // namespace

tl::expected<std::unique_ptr<Listener>, Failure> Listener::open(
    const ListenerConfig& config, std::span<const Listener* const> leaving,
    InheritedSockets* inherited, Purpose purpose) {
  InheritedSockets none;
  InheritedSockets& passed = inherited != nullptr ? *inherited : none;
  std::vector<Socket> sockets;
  if (!config.unix_path.empty()) {
    const std::string& path = config.unix_path;
    const auto failed = [&path](const Socket::Failure& failure) {
      return tl::unexpected(Failure{path, failure.text, failure.error, {}});
    };
    if (purpose == Purpose::check) {
      if (const auto free = Socket::check_path(path); !free) return failed(free.error());
      return std::make_unique<Listener>(std::move(sockets));
    }
    auto socket = open_path(path, leaving, passed);
    if (!socket) return failed(socket.error());
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
    if (!socket) return tl::unexpected(Failure{name(config), socket.error().text, 0, {}});
    sockets.push_back(std::move(*socket));
    return std::make_unique<Listener>(std::move(sockets));
  }
  Failure failure;
  for (const SocketAddress& address : *addresses) {
    auto socket = open_address(address, leaving, passed, purpose);
    if (socket) {
      sockets.push_back(std::move(*socket));
      continue;
    }
    failure = {text_of(address), socket.error().text, socket.error().error, address};
    if (!is_wildcard || !lacks_family(socket.error().error)) return tl::unexpected(failure);
  }
  if (sockets.empty()) return tl::unexpected(failure);
  return std::make_unique<Listener>(std::move(sockets));
}

Listener::Opened Listener::open_address(const SocketAddress& address,
                                        std::span<const Listener* const> leaving,
                                        InheritedSockets& inherited, Purpose purpose) {
  if (const auto fd = inherited.take(address)) return Socket::adopt(*fd);
  Socket::TcpOptions options;
  options.only_bind = purpose == Purpose::check;
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

bool Listener::overlaps(const SocketAddress& address) const {
  return std::ranges::any_of(sockets(), [&](const Socket* socket) {
    const SocketAddress& own = socket->address();
    return own.family() == address.family() && own.port() == address.port() &&
           (own.address() == address.address() || is_wildcard(own) || is_wildcard(address));
  });
}

bool Listener::overlaps(const Listener& other) const {
  return std::ranges::any_of(other.sockets(), [this](const Socket* socket) {
    return socket->path().empty() && overlaps(socket->address());
  });
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> texts;
  for (const Socket* socket : sockets()) {
    texts.push_back(socket->path().empty() ? text_of(socket->address()) : socket->path());
  }
  return texts;
}

}  // namespace broker
