#include "support/allocation_count.h"

#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MQTT_THREAD_SANITIZER
#endif
#endif

namespace {

thread_local AllocationCount count;

}  // namespace

AllocationCount AllocationCount::so_far() {
  return count;
}

#ifdef MQTT_THREAD_SANITIZER

// This sanitizer brings operators of its own, and calls whoever asks from there.
#include <sanitizer/allocator_interface.h>

namespace {

void on_malloc(const volatile void*, std::size_t size) {
  ++count.calls;
  count.bytes += size;
}

void on_free(const volatile void*) {}

[[maybe_unused]] const int installed =
    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);

}  // namespace

#else

namespace {

void* counted(std::size_t size) {
  ++count.calls;
  count.bytes += size;
  return std::malloc(size != 0 ? size : 1);
}

}  // namespace

// All forms are replaced together: a sanitizer notices memory that goes back another way than it
// came, and its own forms for arrays do not pass through those for one object.
void* operator new(std::size_t size) {
  if (void* memory = counted(size)) return memory;
  throw std::bad_alloc();
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}

void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

#endif
