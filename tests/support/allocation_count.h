#pragma once

#include <cstddef>

/// What this thread has taken from the heap by `new` since it began. A program that asks gets a
/// counting `operator new`; nothing else changes. Under the thread sanitizer `malloc` counts as
/// well.
struct AllocationCount {
  std::size_t calls = 0;
  std::size_t bytes = 0;

  static AllocationCount so_far();
};
