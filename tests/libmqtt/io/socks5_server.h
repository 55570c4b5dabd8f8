#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/io/stream_layer.h"
#include "mqtt/protocol/bytes.h"

namespace mqtt::io::test {

/// The other end of a Socks5Stream: wants no password, grants what it is asked for, and is then
/// itself the server that was asked for.
class Socks5Server final : public StreamLayer {
 public:
  static StreamPtr server(Loop& loop, StreamPtr below) {
    return StreamPtr(new Socks5Server(loop, std::move(below)));
  }

 private:
  class Detached final : public DetachedStream {
   public:
    Detached(std::unique_ptr<DetachedStream> below, std::vector<std::uint8_t> unread)
        : below_(std::move(below)), unread_(std::move(unread)) {}
    StreamPtr attach(Loop& loop) override {
      return StreamPtr(new Socks5Server(loop, below_->attach(loop), std::move(unread_)));
    }

   private:
    std::unique_ptr<DetachedStream> below_;
    std::vector<std::uint8_t> unread_;
  };

  Socks5Server(Loop& loop, StreamPtr below) : StreamLayer(loop, std::move(below)) {}
  Socks5Server(Loop& loop, StreamPtr below, std::vector<std::uint8_t> unread)
      : StreamLayer(loop, std::move(below), std::move(unread)) {}

  void begin() override {}
  void on_input() override {
    while (wants_input() && !input().empty()) {
      const bool is_open = state() == State::open;
      const ByteView bytes = is_open ? input() : input().first(1);
      take_input(bytes.size());
      if (is_open) {
        deliver(bytes);
      } else {
        answer(as_text(bytes));
      }
    }
  }
  void answer(std::string_view byte) {
    using namespace std::string_literals;
    asked_ += byte;
    if (asked_ == "\5\1\0"s) send(as_bytes("\5\0"s));
    if (asked_ !=
        "\5\1\0\5\1\0\3\x0B"
        "example.org\x07\x5B"s)
      return;
    send(as_bytes("\5\0\0\1\x7F\0\0\1\x12\x34"s));
    opened();
  }
  std::size_t encode(std::span<const ByteView> buffers) override {
    std::size_t taken = 0;
    for (ByteView rest : buffers) {
      while (!rest.empty() && unsent() == 0) {
        const ByteView piece = rest.first(std::min(rest.size(), write_buffer_limit));
        send(piece);
        taken += piece.size();
        rest = rest.subspan(piece.size());
      }
    }
    return taken;
  }
  void say_farewell() override {}
  bool is_farewell_answered() const override { return true; }
  StreamEnd end_from_below(const StreamEnd& end) const override { return end; }
  std::unique_ptr<DetachedStream> make_detached(std::unique_ptr<DetachedStream> below,
                                                std::vector<std::uint8_t> unread) override {
    return std::make_unique<Detached>(std::move(below), std::move(unread));
  }

  std::string asked_;
};

}  // namespace mqtt::io::test
