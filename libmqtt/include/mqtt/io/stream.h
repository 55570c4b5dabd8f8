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

/// Why a stream has ended. `text` is for logs, such as "connection reset by peer".
struct StreamEnd {
  enum class Cause : std::uint8_t {
    closed_by_peer,  ///< orderly end of the peer's bytes
    finished,        ///< this side's `finish` is complete
    error,           ///< the transport failed
    protocol,        ///< the peer violated the rules of a layer (TLS alert, bad WebSocket frame)
  };
  Cause cause = Cause::closed_by_peer;
  std::string text;
};

/// The receiver of a stream's events. All calls are made on the loop's thread, never during a call
/// into the stream.
class StreamHandler {
 public:
  /// The stream can carry data: connected, handshakes of all layers done. Once, before any
  /// `on_data`.
  virtual void on_open() {}
  /// Bytes from the peer, lent for the duration of the call.
  virtual void on_data(ByteView bytes) = 0;
  /// After a `write` that accepted only a part: more can be written.
  virtual void on_writable() = 0;
  /// The stream has ended; no call follows. The owner may drop the StreamPtr at any time.
  virtual void on_end(const StreamEnd& end) = 0;

 protected:
  ~StreamHandler() = default;
};

/// Drops a stream: closes it immediately if still open, and frees it when the loop no longer uses
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
  /// open; no `on_open` follows. May be called once.
  virtual StreamPtr attach(Loop& loop) = 0;
};

/// Bytes in, bytes out, both ways with back-pressure. Belongs to one loop and is used on its thread
/// only. The owner may drop the StreamPtr at any time, also during a handler call; the handler is
/// not called after that.
class Stream {
 public:
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// To be called before `start`, or later to hand the stream to another handler. Not owned.
  virtual void set_handler(StreamHandler* handler) = 0;

  /// Starts: connection and handshakes if needed, then `on_open`, then data. An attached stream
  /// continues with data. To be called once, after `set_handler`. A paused stream opens as well,
  /// but delivers data only after `resume`.
  virtual void start() = 0;

  /// Bytes that layers keep: those received and not delivered (without an incomplete TLS record or
  /// HTTP head, which have their own bounds), and those waiting to be sent.
  virtual std::size_t held() const { return 0; }

  /// Stops and restarts `on_data`. Data that the peer sends meanwhile stays in the kernel (a layer
  /// may hold one read). Both may be called at any time, and repeatedly.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Accepts as many bytes as it can without waiting, and returns their number. If not all,
  /// `on_writable` follows. Accepted bytes are sent in order, or the stream ends. Accepts nothing
  /// before `on_open` and after `finish`. Memory for accepted but unsent bytes is bounded per layer
  /// (`write_buffer_limit`).
  virtual std::size_t write(std::span<const ByteView> buffers) = 0;
  std::size_t write(ByteView bytes) { return write(std::span<const ByteView>(&bytes, 1)); }

  /// Orderly close: sends what was accepted, then each layer's closing message (WebSocket close,
  /// TLS close_notify, FIN). Then waits for the peer's end for at most a few seconds, discarding
  /// further input, and calls `on_end` (`finished`). The last bytes reach the peer even if it is
  /// still sending (no reset). No `on_data` or `on_writable` follows.
  virtual void finish() = 0;

  /// Detaches the stream from its loop, for another one. Only while open. Afterwards only drop this
  /// object. nullptr if the transport cannot (bytes are still waiting to be sent).
  virtual std::unique_ptr<DetachedStream> detach() = 0;

  /// The peer as "address" and port, if the transport knows it: IP and port, or a Unix socket's
  /// path and 0. With a PROXY header (ProxyStream) it is the client, from `on_open` on.
  struct Peer {
    std::string address;
    std::uint16_t port = 0;
  };
  virtual Peer peer() const = 0;

  /// The TLS layer of this stack; nullptr: none. Valid as long as the stack.
  virtual const TlsStream* tls() const { return nullptr; }
  /// The layer of this stack that reads the PROXY header; nullptr: none. Valid as long as the
  /// stack.
  virtual const ProxyStream* proxy() const { return nullptr; }

 protected:
  Stream() = default;
  virtual ~Stream() = default;
  friend struct StreamDeleter;
  /// Begins to close and deletes the object when it is safe.
  virtual void close_and_delete() = 0;
};

/// A layer accepts no more output while this many of its bytes are waiting below.
inline constexpr std::size_t write_buffer_limit = 64 * 1024;

inline void StreamDeleter::operator()(Stream* stream) const {
  if (stream != nullptr) stream->close_and_delete();
}

}  // namespace mqtt::io
