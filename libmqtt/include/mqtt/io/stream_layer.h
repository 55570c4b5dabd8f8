#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mqtt/io/deferring_stream.h"

namespace mqtt::io {

/// The common part of streams over a stream, such as TlsStream and WebSocketStream. Input comes
/// from the stream below, in pieces of any size. If the owner has paused, unprocessed input stays
/// here, at most one piece. Output that the stream below does not accept immediately stays here,
/// too, and nothing more is produced meanwhile.
class StreamLayer : public DeferringStream, private StreamHandler {
 public:
  void start() final;
  void pause() final;
  void resume() final;
  using Stream::write;
  std::size_t write(std::span<const ByteView> buffers) final;
  void finish() final;
  std::unique_ptr<DetachedStream> detach() final;
  Peer peer() const override;
  std::size_t held() const override {
    return unread_.size() + input_.size() + unsent_.size() + (below_ ? below_->held() : 0);
  }
  const TlsStream* tls() const override { return below_ ? below_->tls() : nullptr; }
  const ProxyStream* proxy() const override { return below_ ? below_->proxy() : nullptr; }

 protected:
  enum class State : std::uint8_t {
    opening,    ///< until the layer's handshake is complete
    open,       ///< carries data
    finishing,  ///< closing, then waiting for the end below
    ended,
  };

  /// A new layer, or a detached one with its unread input.
  StreamLayer(Loop& loop, StreamPtr below);
  StreamLayer(Loop& loop, StreamPtr below, std::vector<std::uint8_t> unread);
  ~StreamLayer() override;

  // Implemented by each layer.

  /// The stream below is open: starts the handshake, if this side begins.
  virtual void begin() = 0;
  /// Consumes `input` while `wants_input`.
  virtual void on_input() = 0;
  /// Sends bytes of the owner until some are `unsent`; returns how many.
  virtual std::size_t encode(std::span<const ByteView> buffers) = 0;
  /// Sends the layer's closing message.
  virtual void say_farewell() = 0;
  /// Whether the peer has answered the closing message, or need not.
  virtual bool is_farewell_answered() const = 0;
  /// The meaning of an end below that no closing message announced.
  virtual StreamEnd end_from_below(const StreamEnd& end) const = 0;
  /// Hands over the layer's state.
  virtual std::unique_ptr<DetachedStream> make_detached(std::unique_ptr<DetachedStream> below,
                                                        std::vector<std::uint8_t> unread) = 0;

  // Used by layers. After a handler call the layer may have been dropped or detached: check `state`
  // and `wants_input`.

  State state() const { return state_; }
  /// Bytes from the peer that are not consumed yet.
  ByteView input() const { return input_; }
  void take_input(std::size_t count) { input_ = input_.subspan(count); }
  /// `on_input` would be expensive: keeps the input and calls `on_input` again when the loop has
  /// time for such work. Nothing more is read until then.
  void put_off_input();
  /// Whether this is such a call.
  bool is_costly_turn() const { return costly_turn_; }
  /// False while paused, and at the end.
  bool wants_input() const;

  /// The handshake is complete: calls the handler's `on_open`.
  void opened();
  void deliver(ByteView bytes);
  /// Sends the layer's own bytes; those that the stream below does not accept are `unsent`.
  void send(std::span<const ByteView> buffers);
  void send(ByteView bytes) { send(std::span<const ByteView>(&bytes, 1)); }
  std::size_t unsent() const { return unsent_.size(); }
  /// Sends bytes of the owner unchanged, in one write; returns how many the stream below accepted.
  std::size_t pass(std::span<const ByteView> buffers) { return below_->write(buffers); }
  /// Ends the stream; the handler is called when the unsent bytes and the stream below are done.
  void leave(StreamEnd end);
  /// The peer may have answered the closing message.
  void go_on_with_farewell();

  Loop& loop() const { return loop_; }

 private:
  struct Farewell;

  void on_open() final;
  void on_data(ByteView bytes) final;
  void on_writable() final;
  void on_end(const StreamEnd& end) final;
  void on_deferred() final;
  void on_costly_turn() final;
  void abandon() final;

  void process(ByteView bytes);
  void process_unread();
  void begin_farewell(StreamEnd end, bool answer_expected);
  void on_patience_over();
  void finish_below();
  void tell(const StreamEnd& end);

  State state_ = State::opening;
  bool started_ = false;
  bool paused_ = false;
  bool writable_owed_ = false;
  bool costly_turn_ = false;
  Loop& loop_;
  StreamPtr below_;  // nullptr once the owner has dropped this stream
  ByteView input_;   // lent, while `process` runs
  std::vector<std::uint8_t> unread_;
  std::vector<std::uint8_t> unsent_;
  std::unique_ptr<Farewell> farewell_;  // while finishing
};

}  // namespace mqtt::io
