#include "message/message_memory.h"

#include <array>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BROKER_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BROKER_SANITIZED true
#endif
#endif
#ifndef BROKER_SANITIZED
#define BROKER_SANITIZED false
#endif

namespace broker {
namespace {

constexpr bool keeps = !BROKER_SANITIZED;
constexpr std::size_t step = 64;
constexpr std::size_t classes = MessageMemory::largest_kept / step;

struct FreeBlock {
  FreeBlock* next;
};

/// Free blocks; those of `first[index]` have (index + 1) * step bytes. Has no destructor, so that
/// using it costs nothing: `Keeper` frees the blocks of the thread.
struct Shelf {
  std::array<FreeBlock*, classes> first;
  std::size_t kept_bytes;
  bool watched;  ///< there is a Keeper
  bool closed;   ///< the thread is ending
};
constinit thread_local Shelf shelf{};

struct Keeper {
  Keeper() { shelf.watched = true; }
  ~Keeper() {
    shelf.closed = true;
    for (FreeBlock*& first : shelf.first) {
      while (first != nullptr) {
        FreeBlock* const block = first;
        first = block->next;
        ::operator delete(block);
      }
    }
  }
};

void watch() {
  thread_local const Keeper keeper;
}

constexpr std::size_t class_of(std::size_t size) {
  return (size - 1) / step;
}

}  // namespace

void* MessageMemory::take(std::size_t size) {
  if (keeps && size <= largest_kept) {
    FreeBlock*& first = shelf.first[class_of(size)];
    if (first == nullptr) return ::operator new((class_of(size) + 1) * step);
    FreeBlock* const block = first;
    first = block->next;
    shelf.kept_bytes -= (class_of(size) + 1) * step;
    return block;
  }
  return ::operator new(size);
}

void MessageMemory::give_back(void* memory, std::size_t size) noexcept {
  const std::size_t block_size = (class_of(size) + 1) * step;
  const bool is_kept = keeps && size <= largest_kept &&
                       shelf.kept_bytes + block_size <= kept_at_most && !shelf.closed;
  if (is_kept) {
    if (!shelf.watched) watch();
    FreeBlock*& first = shelf.first[class_of(size)];
    first = new (memory) FreeBlock{first};
    shelf.kept_bytes += block_size;
    return;
  }
  ::operator delete(memory);
}

}  // namespace broker
