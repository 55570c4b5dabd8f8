#include "runtime/heap_account.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

namespace broker {

constinit HeapAccount heap_account;
thread_local constinit std::int64_t HeapAccount::pending_ = 0;

void HeapAccount::set_limit(std::uint64_t bytes) {
  limit_.store(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
  counting_.store(bytes != 0, std::memory_order_relaxed);
  measure();
}

void HeapAccount::flush() {
  own_.fetch_add(std::exchange(pending_, 0), std::memory_order_relaxed);
  compare();
}

void HeapAccount::measure() {
  const struct mallinfo2 heap = mallinfo2();
  const auto in_use = static_cast<std::int64_t>(heap.uordblks + heap.hblkhd);
  // Another allocator than glibc's (a sanitizer's, one that is preloaded) does not tell here: what
  // was counted has to do then.
  const std::int64_t others = in_use - own_.load(std::memory_order_relaxed);
  others_.store(std::max<std::int64_t>(others, 0), std::memory_order_relaxed);
  compare();
}

void HeapAccount::compare() {
  const std::int64_t now = bytes();
  std::int64_t peak = peak_.load(std::memory_order_relaxed);
  while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
  const std::int64_t limit = limit_.load(std::memory_order_relaxed);
  if (limit != 0 && now >= limit) {
    exhausted_.store(true, std::memory_order_relaxed);
  } else if (now < limit - limit / 16 || limit == 0) {
    exhausted_.store(false, std::memory_order_relaxed);
  }
}

}  // namespace broker
