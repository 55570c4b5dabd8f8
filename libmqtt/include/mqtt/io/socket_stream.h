#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "mqtt/io/deferring_stream.h"

namespace mqtt::io {

class Connector;

/// A stream over a connected socket of any address family. TcpStream and UnixStream add their libuv
/// handle and how they connect. Every idle connection has one, so state that is rarely needed (for
/// a connection attempt, unsent bytes, an orderly close) is separate, in `transit_`, and exists
/// only meanwhile. Data is read into the loop's buffer.
class SocketStream : public DeferringStream {
 public:
  void start() final;
  void pause() final;
  void resume() final;
  using Stream::write;
  std::size_t write(std::span<const ByteView> buffers) final;
  void finish() final;
  std::unique_ptr<DetachedStream> detach() final;

 protected:
  /// How the stream gets its connection.
  enum class Origin : std::uint8_t { connect, accepted, attached };

  explicit SocketStream(Origin origin);
  ~SocketStream() override;

  virtual uv_stream_t* uv() = 0;
  const uv_stream_t* uv() const { return const_cast<SocketStream*>(this)->uv(); }
  /// Gives the handle its socket; 0 or a libuv error.
  virtual int open_handle(int fd) = 0;
  virtual std::unique_ptr<DetachedStream> make_detached(int fd) = 0;

  /// Called when the derived constructor has created the handle: it is held until libuv has closed
  /// it.
  void handle_made();
  /// Takes over a connected socket (and closes it if the handle cannot use it), or a negative libuv
  /// error if there is none, which is reported after `start`.
  void take(int fd_or_error);
  /// The source of the connection after `start`.
  void set_connector(std::unique_ptr<Connector> connector);
  /// The connector's result, of the same kind.
  void on_connected(int fd_or_error);

  Loop& loop() const;
  /// The socket, or -1.
  int fd() const;

 private:
  enum class State : std::uint8_t { made, starting, open, finishing, ended };
  struct Transit;

  void on_deferred() final;
  void abandon() final;

  /// Ends with this libuv error in a separate turn.
  void fail(int error);
  void announce();
  bool wants_to_read() const;
  void read_start();
  void read_stop();
  void on_read(ssize_t length, const uv_buf_t* buffer);
  void end(StreamEnd::Cause cause, int error);
  void read_rest_and_end(int error);

  std::ptrdiff_t try_write(std::span<const ByteView> buffers);
  std::size_t keep_for_sending(std::span<const ByteView> buffers, std::size_t skip);
  void send_waiting();
  void on_sent(int status);
  bool is_sending() const;
  void shut_down();
  void on_shut_down(int status);
  void on_deadline();

  Transit& transit();
  void close_handle();

  // Small members first: they fit into the padding of the base class.
  State state_ = State::made;
  Origin origin_;
  bool paused_ : 1 = false;
  bool reading_ : 1 = false;
  bool left_unread_ : 1 = false;  // the socket was readable while paused: see `on_read`
  std::int16_t error_ = 0;        // libuv's, all of which fit
  std::unique_ptr<Transit> transit_;
};

}  // namespace mqtt::io
