#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace broker {

/// A hash table of small values whose keys stand elsewhere: it keeps a part of the key's hash
/// beside the value and asks its caller whether a value is the one that is meant. Takes no memory
/// while empty.
///
/// Linear probing in a power of two of slots, at most three quarters full; removal shifts back, so
/// that there are no traces of what was.
template <typename Value>
class HashIndex {
 public:
  /// The value under `hash` for which `same(value)` holds; nullptr if there is none. Valid until
  /// the next change.
  template <typename Same>
  Value* find(std::uint64_t hash, Same&& same) {
    const std::size_t at = position(tag_of(hash), same);
    return at == absent ? nullptr : &slots_[at].value;
  }
  template <typename Same>
  const Value* find(std::uint64_t hash, Same&& same) const {
    const std::size_t at = position(tag_of(hash), same);
    return at == absent ? nullptr : &slots_[at].value;
  }

  /// Adds a value that is not there yet.
  void insert(std::uint64_t hash, Value value) {
    if ((size_ + 1) * 4 > slots_.size() * 3) resize(slots_.empty() ? 8 : slots_.size() * 2);
    place(Slot{std::move(value), tag_of(hash)});
    ++size_;
  }

  /// Removes the value under `hash` for which `same(value)` holds; false if there is none.
  template <typename Same>
  bool erase(std::uint64_t hash, Same&& same) {
    const std::size_t at = position(tag_of(hash), same);
    if (at == absent) return false;
    close_gap(at);
    --size_;
    if (size_ == 0) {
      slots_ = {};
    } else if (slots_.size() > 8 && size_ * 8 < slots_.size()) {
      resize(slots_.size() / 2);
    }
    return true;
  }

  void clear() {
    slots_ = {};
    size_ = 0;
  }

  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.tag != 0) visit(slot.value);
    }
  }

  std::size_t size() const { return size_; }

 private:
  struct Slot {
    Value value{};
    std::uint32_t tag = 0;  ///< 0: free
  };
  static constexpr std::size_t absent = SIZE_MAX;

  static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash) | 0x80000000U;
  }
  std::size_t mask() const { return slots_.size() - 1; }

  template <typename Same>
  std::size_t position(std::uint32_t tag, Same&& same) const {
    if (size_ == 0) return absent;
    for (std::size_t at = tag & mask(); slots_[at].tag != 0; at = (at + 1) & mask()) {
      if (slots_[at].tag == tag && same(slots_[at].value)) return at;
    }
    return absent;
  }

  void place(Slot slot) {
    std::size_t at = slot.tag & mask();
    while (slots_[at].tag != 0) at = (at + 1) & mask();
    slots_[at] = std::move(slot);
  }

  /// Moves back every later slot of the run that may stand at or before the gap.
  void close_gap(std::size_t gap) {
    for (std::size_t at = (gap + 1) & mask(); slots_[at].tag != 0; at = (at + 1) & mask()) {
      const std::size_t home = slots_[at].tag & mask();
      if (((at - home) & mask()) >= ((at - gap) & mask())) {
        slots_[gap] = std::move(slots_[at]);
        gap = at;
      }
    }
    slots_[gap] = Slot{};
  }

  void resize(std::size_t slots) {
    std::vector<Slot> old(slots);
    old.swap(slots_);
    for (Slot& slot : old) {
      if (slot.tag != 0) place(std::move(slot));
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace broker
