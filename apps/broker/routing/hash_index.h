#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace broker {

/// A hash table of small values whose keys are stored elsewhere. For each value it keeps a part of
/// the key's hash, the tag, and asks its caller whether a value is the right one. Uses no memory
/// while empty. Tags are adjacent and separate from the values: a search reads many tags but rarely
/// a wrong value, and no memory is lost to padding.
///
/// Linear probing in a power of two of slots, at most three quarters full. Removal shifts later
/// values back, so there are no tombstones.
template <typename Value>
class HashIndex {
 public:
  /// The value under `hash` for which `same(value)` holds; nullptr if there is none. Valid until
  /// the next change.
  template <typename Same>
  Value* find(std::uint64_t hash, Same&& same) {
    const std::size_t at = position(tag_of(hash), same);
    return at == absent ? nullptr : &values_[at];
  }
  template <typename Same>
  const Value* find(std::uint64_t hash, Same&& same) const {
    const std::size_t at = position(tag_of(hash), same);
    return at == absent ? nullptr : &values_[at];
  }

  /// Adds a value that is not there yet.
  void insert(std::uint64_t hash, Value value) {
    if ((size_ + 1) * 4 > slots_ * 3) resize(slots_ == 0 ? 8 : slots_ * 2);
    put(std::move(value), tag_of(hash));
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
      clear();
    } else if (slots_ > 8 && size_ * 8 < slots_) {
      resize(slots_ / 2);
    }
    return true;
  }

  void clear() {
    tags_.reset();
    values_.reset();
    slots_ = size_ = 0;
  }

  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t at = 0; at < slots_; ++at) {
      if (tags_[at] != 0) visit(std::as_const(values_[at]));
    }
  }

  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t absent = SIZE_MAX;

  static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash) | 0x80000000U;
  }
  std::size_t mask() const { return slots_ - 1; }

  template <typename Same>
  std::size_t position(std::uint32_t tag, Same&& same) const {
    if (size_ == 0) return absent;
    for (std::size_t at = tag & mask(); tags_[at] != 0; at = (at + 1) & mask()) {
      if (tags_[at] == tag && same(std::as_const(values_[at]))) return at;
    }
    return absent;
  }

  void put(Value value, std::uint32_t tag) {
    std::size_t at = tag & mask();
    while (tags_[at] != 0) at = (at + 1) & mask();
    values_[at] = std::move(value);
    tags_[at] = tag;
  }

  /// Moves back every later value of the run that may be at or before the gap.
  void close_gap(std::size_t gap) {
    for (std::size_t at = (gap + 1) & mask(); tags_[at] != 0; at = (at + 1) & mask()) {
      const std::size_t home = tags_[at] & mask();
      if (((at - home) & mask()) >= ((at - gap) & mask())) {
        values_[gap] = std::move(values_[at]);
        tags_[gap] = tags_[at];
        gap = at;
      }
    }
    values_[gap] = Value{};
    tags_[gap] = 0;
  }

  void resize(std::size_t slots) {
    const auto old_tags = std::exchange(tags_, std::make_unique<std::uint32_t[]>(slots));
    const auto old_values = std::exchange(values_, std::make_unique<Value[]>(slots));
    const std::size_t old_slots = std::exchange(slots_, slots);
    for (std::size_t at = 0; at < old_slots; ++at) {
      if (old_tags[at] != 0) put(std::move(old_values[at]), old_tags[at]);
    }
  }

  std::unique_ptr<std::uint32_t[]> tags_;  ///< 0: free
  std::unique_ptr<Value[]> values_;
  std::size_t slots_ = 0;
  std::size_t size_ = 0;
};

}  // namespace broker
