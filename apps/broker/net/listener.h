#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/config.h"
#include "mqtt/io/listening_socket.h"
#include "mqtt/io/socket_address.h"
#include "mqtt/io/socket_listener.h"
#include "net/inherited_sockets.h"

namespace broker {

/// The sockets of one `listener` of the configuration: one per address that its host or its network
/// interface stands for, or one Unix socket. Until `start` connections wait in the kernel's queue
/// and it belongs to no loop; then it belongs to the worker whose loop accepts.
class Listener {
 public:
  struct Events {
    std::function<void(int fd)> on_accept;  ///< a connected socket; the receiver owns it
    std::function<void(const std::string& reason)> on_exhausted;
  };

  /// Why a listener cannot be opened.
  struct Failure {
    /// What failed: "127.0.0.1 port 1883", a host name, an interface, a path.
    std::string target;
    std::string reason;  ///< such as "address already in use"
    int error = 0;       ///< as errno has it; 0: the system did not refuse a socket
    std::optional<mqtt::io::SocketAddress> address;  ///< of a TCP socket that was refused
    bool of_interface = false;                       ///< `target` is a network interface
    std::string text() const { return target + ": " + reason; }
  };
  enum class Purpose : std::uint8_t {
    listen,
    check,  ///< bind TCP sockets without listening, and make no file: nobody notices
  };

  /// Opens every socket, or none. An address on which one of `leaving`, listeners that are about to
  /// go, listens is taken over with the connections that wait there; one that merely overlaps with
  /// theirs is opened beside it.
  /// One of `inherited`, sockets that someone else has made to listen, is taken in place of a new
  /// one where the configuration says.
  static tl::expected<std::unique_ptr<Listener>, Failure> open(
      const ListenerConfig& config, std::span<const Listener* const> leaving = {},
      InheritedSockets* inherited = nullptr, Purpose purpose = Purpose::listen);
  /// Of sockets that listen already.
  explicit Listener(std::vector<mqtt::io::ListeningSocket> sockets)
      : waiting_(std::move(sockets)) {}

  /// Accepts from here on. On the loop's thread, which destroys the listener as well.
  void start(mqtt::io::Loop& loop, const Events& events);
  /// Leaves new connections in the kernel's queue, or takes them again. Once it has started.
  void pause() const;
  void resume() const;
  /// Whether a listener may be opened beside this one; see ListeningSocket::share_port.
  void share_port(bool on) const;

  /// Of the first TCP socket: what the system chose, if the configuration left it to the system. 0
  /// for a Unix socket.
  std::uint16_t port() const { return sockets().front()->address().port(); }
  /// Whether a connection to `address` might be meant for this listener, too.
  bool overlaps(const mqtt::io::SocketAddress& address) const;
  /// The same for an address of the other.
  bool overlaps(const Listener& other) const;
  /// "ADDRESS port PORT" of every socket, or the path, for the log.
  std::vector<std::string> addresses() const;

 private:
  using Socket = mqtt::io::ListeningSocket;
  using Opened = tl::expected<Socket, Socket::Failure>;
  static Opened open_address(const mqtt::io::SocketAddress& address,
                             std::span<const Listener* const> leaving, InheritedSockets& inherited,
                             Purpose purpose);
  static Opened open_path(const std::string& path, std::span<const Listener* const> leaving,
                          InheritedSockets& inherited);
  std::vector<const Socket*> sockets() const;

  std::vector<Socket> waiting_;                                       ///< until `start`
  std::vector<std::unique_ptr<mqtt::io::SocketListener>> accepting_;  ///< from then on
};

}  // namespace broker
