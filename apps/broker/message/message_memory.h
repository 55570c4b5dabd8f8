#pragma once

#include <cstddef>

namespace broker {

/// Memory for messages. Small ones come and go by the hundred thousand a second, so each thread
/// keeps what its last ones lay in for the next of about the same size: no lock, no search, and it
/// is still in the cache. A message may be given back on another thread than the one that took it.
///
/// A thread keeps little, `kept_at_most` bytes; the rest, and all that is large, is the heap's.
/// Under a sanitizer all of it is, so that none of its findings are lost.
class MessageMemory {
 public:
  static constexpr std::size_t largest_kept = 1024;
  static constexpr std::size_t kept_at_most = 1024 * 1024;

  /// Aligned as for operator new. Throws std::bad_alloc.
  static void* take(std::size_t size);
  /// `size`: what it was taken with.
  static void give_back(void* memory, std::size_t size) noexcept;
};

}  // namespace broker
