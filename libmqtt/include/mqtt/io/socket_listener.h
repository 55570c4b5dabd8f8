#pragma once

#include <functional>
#include <memory>
#include <string>

#include "mqtt/io/listening_socket.h"

namespace mqtt::io {

class Loop;
class Poll;
class Timer;

/// Events of a listener. The owner may destroy the listener during either call.
struct ListenerEvents {
  /// A connected socket, non-blocking, which the receiver now owns: pass it to
  /// `TcpStream::accept` or `UnixStream::accept`, on any loop.
  std::function<void(int fd)> on_accept;
  /// The process or the system has no descriptors (or memory) left: connections were rejected.
  /// Called once per shortage and turn of the loop, with the system's text.
  std::function<void(const std::string& reason)> on_exhausted;
};

/// Accepts connections from a listening socket until destroyed. TcpListener and UnixListener add
/// how the socket is made. Belongs to its loop and that loop's thread.
///
/// Connections never use the last descriptors of the process (32, or an eighth of its limit if that
/// is less): further ones are accepted and closed, so that the peer notices and the process can
/// still open files. One descriptor is reserved in case there are no others nevertheless (the
/// system has none, or something else used them): it is used to accept and close a waiting
/// connection, so that the loop does not spin.
class SocketListener {
 public:
  SocketListener(Loop& loop, ListeningSocket socket, ListenerEvents events);
  ~SocketListener();
  SocketListener(const SocketListener&) = delete;
  SocketListener& operator=(const SocketListener&) = delete;

  /// Leaves new connections in the kernel's queue, until `resume`.
  void pause();
  void resume();

  const ListeningSocket& socket() const { return socket_; }

 private:
  void on_readable();
  bool turn_away();
  void rest();

  Loop& loop_;
  ListeningSocket socket_;
  int spare_fd_;  // -1 if even that could not be reopened
  bool paused_ = false;
  std::shared_ptr<const ListenerEvents> events_;
  std::unique_ptr<Poll> poll_;
  /// Exists while accepting is paused because a waiting connection could not even be rejected.
  std::unique_ptr<Timer> rest_;
  /// Set while `on_readable` runs: tells it that the listener was destroyed.
  bool* destroyed_ = nullptr;
};

}  // namespace mqtt::io
