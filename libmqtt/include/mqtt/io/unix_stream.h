#pragma once

#include <memory>
#include <string>

#include "mqtt/io/socket_stream.h"

namespace mqtt::io {

/// A connection over a Unix socket. On both sides the peer's address is the path of the listening
/// socket.
class UnixStream final : public SocketStream {
 public:
  /// Connects to the socket at `path` immediately; the result is reported after `start`.
  static StreamPtr connect(Loop& loop, const std::string& path);

  /// Takes over a connected socket, such as a listener's. Closes it in every case.
  static StreamPtr accept(Loop& loop, int fd);

  Peer peer() const override;

 private:
  UnixStream(Loop& loop, Origin origin);
  ~UnixStream() override = default;

  uv_stream_t* uv() override { return reinterpret_cast<uv_stream_t*>(&handle_); }
  int open_handle(int fd) override;
  std::unique_ptr<DetachedStream> make_detached(int fd) override;

  uv_pipe_t handle_{};
};

}  // namespace mqtt::io
