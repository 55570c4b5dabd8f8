#include "support/allocation_count.h"

#include <cstdlib>
#include <new>

namespace {
thread_local AllocationCount count;
}

AllocationCount AllocationCount::so_far() {
  return count;
}

void* operator new(std::size_t size) {
  ++count.calls;
  count.bytes += size;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
