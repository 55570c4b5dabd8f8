#pragma once

#include <functional>
#include <memory>
#include <string>

#include "mqtt/io/listening_socket.h"

namespace mqtt::io {

class Loop;
class Poll;
class Timer;

/// What a listener tells its owner. The owner may destroy the listener from inside either call.
struct ListenerEvents {
  /// A connected socket, non-blocking, whose owner the receiver is from here on: it goes to
  /// `TcpStream::accept` or `UnixStream::accept`, on whichever loop shall have it.
  std::function<void(int fd)> on_accept;
  /// The process or the system has no descriptors (or memory) left: connections were turned away.
  /// Called once per shortage and turn of the loop, with the system's text.
  std::function<void(const std::string& reason)> on_exhausted;
};

/// Accepts connections from a listening socket until destroyed. TcpListener and UnixListener add
/// how the socket is made. Belongs to its loop and that loop's thread.
///
/// Connections never take the last descriptors of the process (32, or an eighth of its limit if
/// that is less): above that they are accepted and closed, so that the peer learns of it and the
/// rest of the process can still open its files. One descriptor is kept for the case that there are
/// no others all the same (the system has none, or something else took them): a waiting connection
/// is accepted with it and closed, so that the loop does not spin.
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
  int spare_fd_;  // -1 when the shortage took even that
  bool paused_ = false;
  std::shared_ptr<const ListenerEvents> events_;
  std::unique_ptr<Poll> poll_;
  /// Exists while accepting rests because a waiting connection could not even be turned away.
  std::unique_ptr<Timer> rest_;
  /// Set while `on_readable` runs: tells it that the listener is gone.
  bool* destroyed_ = nullptr;
};

}  // namespace mqtt::io
