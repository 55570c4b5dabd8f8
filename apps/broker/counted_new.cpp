/// The operators new and delete of the program: malloc and free, and a word to the HeapAccount
/// while a memory_limit is in force. In the program alone: a library must not decide this for
/// others.

#include <malloc.h>

#include <cstdlib>
#include <new>

#include "runtime/heap_account.h"

namespace {

using broker::heap_account;

void* counted(void* memory) noexcept {
  if (heap_account.counting()) [[unlikely]] {
    heap_account.add(static_cast<std::int64_t>(malloc_usable_size(memory)));
  }
  return memory;
}

void release(void* memory) noexcept {
  if (heap_account.counting()) [[unlikely]] {
    heap_account.add(-static_cast<std::int64_t>(malloc_usable_size(memory)));
  }
  std::free(memory);
}

void* take(std::size_t size) noexcept {
  return counted(std::malloc(size != 0 ? size : 1));
}

void* take(std::size_t size, std::align_val_t alignment) noexcept {
  const auto step = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}

template <class... Size>
void* take_or_throw(Size... size) {
  void* memory = take(size...);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return take_or_throw(size);
}
void* operator new[](std::size_t size) {
  return take_or_throw(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take_or_throw(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return take_or_throw(size, alignment);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return take(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return take(size, alignment);
}

void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  release(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  release(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  release(memory);
}
