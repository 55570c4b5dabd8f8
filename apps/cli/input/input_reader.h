#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/input/descriptor_watch.h"
#include "cli/input/loop_handle.h"

namespace cli {

/// Reads a descriptor (standard input) without ever blocking the loop: pipe, terminal, socket or
/// file. Belongs to the loop's thread. Begins paused.
class InputReader {
 public:
  /// `on_readable` is called from the loop while not paused: one `read` will not block.
  InputReader(mqtt::io::Loop& loop, int descriptor, std::function<void()> on_readable);

  void pause();
  void resume();

  /// Reads what is there: at least one byte; nothing at the end of the input, or after an error,
  /// which `error` then describes. Valid until the next call.
  std::string_view read();
  const std::string& error() const { return error_; }

 private:
  int descriptor_;
  std::function<void()> on_readable_;
  bool paused_ = true;
  DescriptorWatch watch_;
  LoopHandle<uv_idle_t> turn_;  ///< what cannot be waited for is read once per turn of the loop
  std::string buffer_;
  std::string error_;
};

}  // namespace cli
