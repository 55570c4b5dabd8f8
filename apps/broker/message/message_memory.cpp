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

struct Place {
  Place* next;
};

/// Places of (index + 1) * step bytes. Has no destructor, so that using it costs nothing: what the
/// thread keeps goes with `Keeper`.
struct Shelf {
  std::array<Place*, classes> places;
  std::size_t kept_bytes;
  bool watched;  ///< a Keeper stands by
  bool closed;   ///< the thread ends
};
constinit thread_local Shelf shelf{};

struct Keeper {
  Keeper() { shelf.watched = true; }
  ~Keeper() {
    shelf.closed = true;
    for (Place*& first : shelf.places) {
      while (first != nullptr) {
        Place* const place = first;
        first = place->next;
        ::operator delete(place);
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
    Place*& first = shelf.places[class_of(size)];
    if (first == nullptr) return ::operator new((class_of(size) + 1) * step);
    Place* const place = first;
    first = place->next;
    shelf.kept_bytes -= (class_of(size) + 1) * step;
    return place;
  }
  return ::operator new(size);
}

void MessageMemory::give_back(void* memory, std::size_t size) noexcept {
  const std::size_t place_size = (class_of(size) + 1) * step;
  const bool is_kept = keeps && size <= largest_kept &&
                       shelf.kept_bytes + place_size <= kept_at_most && !shelf.closed;
  if (is_kept) {
    if (!shelf.watched) watch();
    shelf.places[class_of(size)] = new (memory) Place{shelf.places[class_of(size)]};
    shelf.kept_bytes += place_size;
    return;
  }
  ::operator delete(memory);
}

}  // namespace broker
