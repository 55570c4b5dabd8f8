#include "support/allocation_count.h"

#include <cstdlib>
#include <new>

namespace {

thread_local AllocationCount count;

void* counted(std::size_t size) {
  ++count.calls;
  count.bytes += size;
  return std::malloc(size != 0 ? size : 1);
}

}  // namespace

AllocationCount AllocationCount::so_far() { return count; }

// All forms for one object are replaced together: a sanitizer notices memory that goes back another
// way than it came.
void* operator new(std::size_t size) {
  if (void* memory = counted(size)) return memory;
  throw std::bad_alloc();
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
