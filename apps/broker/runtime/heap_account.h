#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace broker {

/// How many bytes the process has allocated, and whether that exceeds `memory_limit`. One per
/// process, like the heap; any thread.
///
/// Without a limit nothing is counted: an allocation costs one additional relaxed load. With one,
/// the program's operators new and delete report their sizes (see counted_new.cpp), each thread in
/// steps of `batch` bytes; `measure` adds the allocations of libraries (OpenSSL, libuv).
///
/// Nothing fails when the limit is reached. Code that would accept something new checks
/// `exhausted` first and refuses it; what was accepted is never lost.
class HeapAccount {
 public:
  constexpr HeapAccount() = default;
  HeapAccount(const HeapAccount&) = delete;
  HeapAccount& operator=(const HeapAccount&) = delete;

  /// 0: none. Measures at once.
  void set_limit(std::uint64_t bytes);
  std::uint64_t limit() const {
    return static_cast<std::uint64_t>(limit_.load(std::memory_order_relaxed));
  }

  /// True from reaching the limit until a sixteenth of it is free again.
  bool exhausted() const { return exhausted_.load(std::memory_order_relaxed); }

  bool counting() const { return counting_.load(std::memory_order_relaxed); }
  /// Only while `counting`. Negative: freed.
  void add(std::int64_t bytes) {
    pending_ += bytes;
    if (pending_ >= batch || pending_ <= -batch) flush();
  }

  /// Memory outside the heap: mapped, or returned (negative). Called rarely.
  void map(std::int64_t bytes) { mapped_.fetch_add(bytes, std::memory_order_relaxed); }
  std::int64_t mapped() const { return mapped_.load(std::memory_order_relaxed); }

  /// Asks the allocator how much is in use. Takes its locks briefly: not for the hot path.
  void measure();
  /// As of the last step or measurement; 0 before any.
  std::int64_t bytes() const {
    return own_.load(std::memory_order_relaxed) + others_.load(std::memory_order_relaxed) +
           mapped_.load(std::memory_order_relaxed);
  }
  /// The maximum of `bytes`.
  std::int64_t peak() const { return peak_.load(std::memory_order_relaxed); }

  static constexpr std::int64_t batch = std::int64_t{64} << 10U;

 private:
  void flush();
  void compare();

  static thread_local constinit std::int64_t pending_;  ///< of this thread, not yet in own_

  std::atomic<bool> counting_{false};
  std::atomic<bool> exhausted_{false};
  std::atomic<std::int64_t> limit_{0};
  std::atomic<std::int64_t> own_{0};     ///< by operators new, since counting began
  std::atomic<std::int64_t> others_{0};  ///< by everything else, as last measured
  std::atomic<std::int64_t> mapped_{0};  ///< outside the heap
  std::atomic<std::int64_t> peak_{0};
};

/// The process's.
extern constinit HeapAccount heap_account;

}  // namespace broker
