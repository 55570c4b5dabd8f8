#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "cli/loop_handle.h"

namespace cli {

/// Says when a descriptor (standard input) has something to read: pipe, terminal, socket or file.
///
/// The descriptor is watched through an epoll set of our own and stays as it is: it is never made
/// non-blocking, which would be felt by every other process that shares it. Belongs to the loop's
/// thread. Begins paused.
class InputReader {
 public:
  /// `on_readable` is called from the loop while not paused: one `read` will not block.
  InputReader(mqtt::io::Loop& loop, int descriptor, std::function<void()> on_readable);
  ~InputReader();
  InputReader(const InputReader&) = delete;
  InputReader& operator=(const InputReader&) = delete;

  void pause();
  void resume();

  /// Reads what is there: at least one byte; nothing at the end of the input, or after an error,
  /// which `error` then describes. Valid until the next call.
  std::string_view read();
  const std::string& error() const { return error_; }

 private:
  int descriptor_;
  int epoll_ = -1;
  std::function<void()> on_readable_;
  LoopHandle<uv_poll_t> poll_;  ///< on the epoll set; null for what cannot be polled
  bool paused_ = true;
  LoopHandle<uv_idle_t> turn_;  ///< files are always readable: once per turn of the loop
  std::string buffer_;
  std::string error_;
};

}  // namespace cli
