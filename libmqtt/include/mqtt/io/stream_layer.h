#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mqtt/io/deferring_stream.h"

namespace mqtt::io {

/// A stream over a stream, such as TlsStream and WebSocketStream: what all of them do alike. Input
/// comes from the stream below, in pieces of any size; what the layer cannot take because its owner
/// has paused stays here, one piece at most. Output that the stream below does not take at once
/// stays here too, and nothing more is produced meanwhile.
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
    opening,    ///< until the layer's handshake is done
    open,       ///< carries data
    finishing,  ///< says farewell, then waits for the end below
    ended,
  };

  /// A layer of its own; or one that was detached, with what it had not read yet.
  StreamLayer(Loop& loop, StreamPtr below);
  StreamLayer(Loop& loop, StreamPtr below, std::vector<std::uint8_t> unread);
  ~StreamLayer() override;

  // What a layer adds.

  /// The stream below is open: the first word of the handshake, if it is this side's.
  virtual void begin() = 0;
  /// Takes from `input` while `wants_input`.
  virtual void on_input() = 0;
  /// Sends bytes of the owner until some are `unsent`; how many of them.
  virtual std::size_t encode(std::span<const ByteView> buffers) = 0;
  /// Sends the layer's farewell.
  virtual void say_farewell() = 0;
  /// Whether the peer has answered the farewell, or need not.
  virtual bool is_farewell_answered() const = 0;
  /// What the end below means while neither side has said farewell.
  virtual StreamEnd end_from_below(const StreamEnd& end) const = 0;
  /// Gives the layer's state away.
  virtual std::unique_ptr<DetachedStream> make_detached(std::unique_ptr<DetachedStream> below,
                                                        std::vector<std::uint8_t> unread) = 0;

  // What a layer uses. After a call of the handler it may have been dropped or detached: `state`
  // and `wants_input` know.

  State state() const { return state_; }
  /// Bytes of the peer that are not taken yet.
  ByteView input() const { return input_; }
  void take_input(std::size_t count) { input_ = input_.subspan(count); }
  /// What `on_input` would do takes a while: keeps the input and has `on_input` called again when
  /// the loop has time for such work. Nothing more is read until then.
  void put_off_input();
  /// Whether this is such a call.
  bool is_costly_turn() const { return costly_turn_; }
  /// False while the owner has paused, and at the end.
  bool wants_input() const;

  /// The handshake is done: tells the handler.
  void opened();
  void deliver(ByteView bytes);
  /// Sends bytes of the layer's own; what the stream below does not take is `unsent`.
  void send(std::span<const ByteView> buffers);
  void send(ByteView bytes) { send(std::span<const ByteView>(&bytes, 1)); }
  std::size_t unsent() const { return unsent_.size(); }
  /// Sends bytes of the owner as they are, all at once; how many the stream below has taken.
  std::size_t pass(std::span<const ByteView> buffers) { return below_->write(buffers); }
  /// The end, which the handler hears once what is unsent and the stream below have come to theirs.
  void leave(StreamEnd end);
  /// The peer's answer to the farewell may have come.
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
