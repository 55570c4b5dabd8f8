#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "mqtt/io/loop.h"
#include "mqtt/io/stream.h"
#include "mqtt/io/timer.h"

namespace mqtt::io::test {

/// Turns the loop until `condition` holds; fails the test after a generous time.
inline void run_until(Loop& loop, const std::function<bool()>& condition) {
  bool late = false;
  Timer limit(loop, [&] { late = true; });
  limit.start(std::chrono::seconds(20));
  while (!condition() && !late) loop.run_once();
  if (late) FAIL("the awaited event did not come");
}

/// Turns the loop as long as something is ready, without waiting.
inline void run_ready(Loop& loop) {
  for (int turn = 0; turn < 20; ++turn) loop.run_once(false);
}

/// One side of a connection: owns the stream, records what it is told, and notices when it is told
/// something from inside a call into the stream.
class Side final : public StreamHandler {
 public:
  explicit Side(StreamPtr own) : stream(std::move(own)) { stream->set_handler(this); }

  void start() {
    inside([&] { stream->start(); });
  }
  std::size_t write(ByteView bytes) {
    std::size_t taken = 0;
    inside([&] { taken = stream->write(bytes); });
    return taken;
  }
  std::size_t write(std::string_view text) { return write(as_bytes(text)); }
  void finish() {
    inside([&] { stream->finish(); });
  }
  void pause() {
    inside([&] { stream->pause(); });
  }
  void resume() {
    inside([&] { stream->resume(); });
  }

  /// Sends all of `text`, as room comes.
  void send(std::string text) {
    to_send += std::move(text);
    send_more();
  }

  bool is_over() const { return end.has_value(); }

  void on_open() override {
    called();
    promised(!open, "on_open comes once");
    promised(received_size == 0, "on_open comes before data");
    open = true;
    if (when_open) when_open();
  }
  void on_data(ByteView bytes) override {
    called();
    promised(open, "on_open comes first");
    promised(!is_over(), "nothing comes after the end");
    promised(!bytes.empty(), "data is not empty");
    received_size += bytes.size();
    if (keep_received) received += as_text(bytes);
    if (when_data) when_data(bytes);
  }
  void on_writable() override {
    called();
    promised(open, "on_open comes first");
    ++writable_calls;
    send_more();
    if (when_writable) when_writable();
  }
  void on_end(const StreamEnd& why) override {
    called();
    promised(!is_over(), "nothing comes after the end");
    end = why;
    if (when_end) when_end();
  }

  StreamPtr stream;
  bool open = false;
  bool keep_received = true;
  std::string received;
  std::size_t received_size = 0;
  int writable_calls = 0;
  std::optional<StreamEnd> end;
  std::string to_send;

  std::function<void()> when_open;
  std::function<void(ByteView)> when_data;
  std::function<void()> when_writable;
  std::function<void()> when_end;

 private:
  void inside(const std::function<void()>& call) {
    const bool before = std::exchange(inside_call_, true);
    call();
    inside_call_ = before;
  }
  void called() { promised(!inside_call_, "no call comes from inside a call into the stream"); }
  /// A side may live on another thread than the test, so Catch hears of broken promises alone.
  static void promised(bool kept, const char* promise) {
    if (!kept) FAIL_CHECK(promise);
  }
  void send_more() {
    if (!stream || to_send.empty()) return;
    to_send.erase(0, write(to_send));
  }

  bool inside_call_ = false;
};

/// Bytes that show it when one is lost, doubled or out of place.
inline std::string pattern(std::size_t size, std::uint32_t seed = 1) {
  std::string text(size, '\0');
  std::uint32_t state = seed;
  for (char& c : text) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

}  // namespace mqtt::io::test
