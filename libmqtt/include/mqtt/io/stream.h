#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "mqtt/protocol/bytes.h"

/// Byte streams, ordered and lossless both ways [MQTT-4.2.0-1], that stack: TCP or Unix socket at
/// the bottom, PROXY header, TLS, WebSocket above, in any sensible order. Each layer is a Stream
/// and is the StreamHandler of the layer below.
namespace mqtt::io {

class Loop;
class ProxyStream;
class Stream;
class TlsStream;

/// Why a stream is over. `text` is for logs, such as "connection reset by peer".
struct StreamEnd {
  enum class Cause : std::uint8_t {
    closed_by_peer,  ///< orderly end of the peer's bytes
    finished,        ///< this side's `finish` is through
    error,           ///< the transport failed
    protocol,        ///< the peer broke the rules of a layer (TLS alert, bad WebSocket frame)
  };
  Cause cause = Cause::closed_by_peer;
  std::string text;
};

/// Who is told. All calls come on the loop's thread, never from inside a call into the stream.
class StreamHandler {
 public:
  /// The stream can carry data: connected, handshakes of all layers done. Once, before any
  /// `on_data`.
  virtual void on_open() {}
  /// Bytes from the peer, lent for the duration of the call.
  virtual void on_data(ByteView bytes) = 0;
  /// After a `write` that took less than it was given: there is room again.
  virtual void on_writable() = 0;
  /// The stream is over; no call follows. The owner lets go of the StreamPtr in its own time.
  virtual void on_end(const StreamEnd& end) = 0;

 protected:
  ~StreamHandler() = default;
};

/// Lets go of a stream: closes it at once if still open, and frees it when the loop is done with
/// it.
struct StreamDeleter {
  void operator()(Stream* stream) const;
};
using StreamPtr = std::unique_ptr<Stream, StreamDeleter>;

/// A stream on its way from one loop to another: no loop, no thread; state of all layers kept.
/// Destroying it closes the stream.
class DetachedStream {
 public:
  virtual ~DetachedStream() = default;
  /// Continues on `loop`, on that loop's thread: give it a handler and `start` it. The stream is
  /// open; no `on_open` follows. Once; the object is spent afterwards.
  virtual StreamPtr attach(Loop& loop) = 0;
};

/// Bytes in, bytes out, both ways with back-pressure. Belongs to one loop and is used on its thread
/// only. The owner may drop the StreamPtr at any moment, also inside a handler call; after that the
/// handler hears nothing more.
class Stream {
 public:
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Who is told; before `start`, or later to pass the stream on. Not owned.
  virtual void set_handler(StreamHandler* handler) = 0;

  /// Begins: connection and handshakes where there are any, then `on_open`, then data. A stream
  /// that was attached goes on with data. Once, after `set_handler`. A stream that was paused
  /// before opens all the same and waits for `resume` with the data.
  virtual void start() = 0;

  /// Bytes that layers keep: those that came and were not delivered (without an incomplete record of
  /// TLS or head of HTTP, which is bounded by itself), and those that wait to be sent.
  virtual std::size_t held() const { return 0; }

  /// Stops and restarts the delivery of `on_data`. What the peer sends meanwhile stays in the
  /// kernel (a layer may hold one read of its own). Both may be called at any time, and repeatedly.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Takes as many bytes as it can without waiting and says how many. When fewer than given,
  /// `on_writable` follows. What was taken is sent in order, or the stream ends. Takes nothing
  /// before `on_open` and after `finish`. Memory for what is taken but not sent is bounded per
  /// layer
  /// (`write_buffer_limit`).
  virtual std::size_t write(std::span<const ByteView> buffers) = 0;
  std::size_t write(ByteView bytes) { return write(std::span<const ByteView>(&bytes, 1)); }

  /// Orderly end: sends what was taken, then each layer's farewell (WebSocket close, TLS
  /// close_notify, FIN), then waits for the peer's end for at most a few seconds, discarding what
  /// still comes, and calls `on_end` (`finished`). The last bytes reach the peer even if it is
  /// still sending (no reset). No `on_data` or `on_writable` follows.
  virtual void finish() = 0;

  /// Takes the stream off its loop, for another one. Only while open. The object is spent
  /// afterwards: drop it. nullptr if the transport cannot (bytes still wait to be sent).
  virtual std::unique_ptr<DetachedStream> detach() = 0;

  /// The peer as "address" and port, as far as the transport knows: IP and port, or a Unix socket's
  /// path and 0. Behind a proxy that tells (ProxyStream) it is the client, from `on_open` on.
  struct Peer {
    std::string address;
    std::uint16_t port = 0;
  };
  virtual Peer peer() const = 0;

  /// The TLS layer of this stack; nullptr: there is none. Good as long as the stack.
  virtual const TlsStream* tls() const { return nullptr; }
  /// The layer of this stack that reads a proxy's header; nullptr: there is none. As above.
  virtual const ProxyStream* proxy() const { return nullptr; }

 protected:
  Stream() = default;
  virtual ~Stream() = default;
  friend struct StreamDeleter;
  /// Begins to close and deletes the object when it is safe.
  virtual void close_and_delete() = 0;
};

/// A layer takes no more for sending while this many bytes of it wait below.
inline constexpr std::size_t write_buffer_limit = 64 * 1024;

inline void StreamDeleter::operator()(Stream* stream) const {
  if (stream != nullptr) stream->close_and_delete();
}

}  // namespace mqtt::io
