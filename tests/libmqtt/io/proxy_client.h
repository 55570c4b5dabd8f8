#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/io/stream_layer.h"
#include "mqtt/protocol/bytes.h"

namespace mqtt::io::test {

/// The other end of a ProxyStream: a proxy that writes a header and passes the rest on.
class ProxyClient final : public StreamLayer {
 public:
  static StreamPtr client(Loop& loop, StreamPtr below, std::string header) {
    return StreamPtr(new ProxyClient(loop, std::move(below), std::move(header)));
  }

 private:
  class Detached final : public DetachedStream {
   public:
    Detached(std::unique_ptr<DetachedStream> below, std::vector<std::uint8_t> unread)
        : below_(std::move(below)), unread_(std::move(unread)) {}
    StreamPtr attach(Loop& loop) override {
      return StreamPtr(new ProxyClient(loop, below_->attach(loop), std::move(unread_)));
    }

   private:
    std::unique_ptr<DetachedStream> below_;
    std::vector<std::uint8_t> unread_;
  };

  ProxyClient(Loop& loop, StreamPtr below, std::string header)
      : StreamLayer(loop, std::move(below)), header_(std::move(header)) {}
  ProxyClient(Loop& loop, StreamPtr below, std::vector<std::uint8_t> unread)
      : StreamLayer(loop, std::move(below), std::move(unread)) {}

  void begin() override {
    send(as_bytes(header_));
    opened();
  }
  void on_input() override {
    if (!wants_input()) return;
    const ByteView bytes = input();
    take_input(bytes.size());
    deliver(bytes);
  }
  std::size_t encode(std::span<const ByteView> buffers) override { return pass(buffers); }
  void say_farewell() override {}
  bool is_farewell_answered() const override { return true; }
  StreamEnd end_from_below(const StreamEnd& end) const override { return end; }
  std::unique_ptr<DetachedStream> make_detached(std::unique_ptr<DetachedStream> below,
                                                std::vector<std::uint8_t> unread) override {
    return std::make_unique<Detached>(std::move(below), std::move(unread));
  }

  std::string header_;
};

}  // namespace mqtt::io::test
