#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "mqtt/protocol/bytes.h"

namespace mqtt::io {

/// Iterates over the bytes of several buffers.
class BufferCursor {
 public:
  explicit BufferCursor(std::span<const ByteView> buffers) : buffers_(buffers) { skip_used(); }

  bool is_at_end() const { return buffers_.empty(); }
  /// Whether the remaining bytes are all in one buffer.
  bool is_in_last() const { return buffers_.size() == 1; }
  /// The rest of the current buffer; not empty before the end.
  ByteView front() const { return buffers_.empty() ? ByteView() : buffers_.front().subspan(used_); }

  /// Advances over at most `limit` bytes of the current buffer.
  ByteView take(std::size_t limit) {
    const ByteView taken = front().first(std::min(front().size(), limit));
    used_ += taken.size();
    skip_used();
    return taken;
  }
  /// Advances over `count` bytes, across buffers.
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
