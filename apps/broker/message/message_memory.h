#pragma once

#include <cstddef>

namespace broker {

/// Memory for messages. Hundreds of thousands of small messages are created and freed per second,
/// so each thread keeps freed blocks for the next messages of about the same size: no lock, no
/// search, and the block is still in the cache. A message may be freed on another thread.
///
/// A thread keeps at most `kept_at_most` bytes; the rest, and all large blocks, return to the heap.
/// Under a sanitizer all memory comes from the heap, so that no finding is hidden.
class MessageMemory {
 public:
  static constexpr std::size_t largest_kept = 1024;
  static constexpr std::size_t kept_at_most = 1024 * 1024;

  /// Aligned as for operator new. Throws std::bad_alloc.
  static void* take(std::size_t size);
  /// `size`: the argument of `take`.
  static void give_back(void* memory, std::size_t size) noexcept;
};

}  // namespace broker
