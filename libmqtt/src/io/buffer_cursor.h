#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "mqtt/protocol/bytes.h"

namespace mqtt::io {

/// Goes through the bytes of several buffers from front to back.
class BufferCursor {
 public:
  explicit BufferCursor(std::span<const ByteView> buffers) : buffers_(buffers) { skip_used(); }

  bool is_at_end() const { return buffers_.empty(); }
  /// Whether the bytes that are left are all in one buffer.
  bool is_in_last() const { return buffers_.size() == 1; }
  /// What is left of the current buffer; not empty before the end.
  ByteView front() const { return buffers_.empty() ? ByteView() : buffers_.front().subspan(used_); }

  /// Moves over the next bytes of the current buffer, `limit` of them at most.
  ByteView take(std::size_t limit) {
    const ByteView taken = front().first(std::min(front().size(), limit));
    used_ += taken.size();
    skip_used();
    return taken;
  }
  /// Moves over `count` bytes, of however many buffers.
  void skip(std::size_t count) {
    while (count != 0 && !is_at_end()) count -= take(count).size();
  }

 private:
  void skip_used() {
    while (!buffers_.empty() && used_ == buffers_.front().size()) {
      buffers_ = buffers_.subspan(1);
      used_ = 0;
    }
  }

  std::span<const ByteView> buffers_;
  std::size_t used_ = 0;  // of the first buffer
};

}  // namespace mqtt::io
