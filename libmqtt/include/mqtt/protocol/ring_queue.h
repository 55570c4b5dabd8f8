#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace mqtt {

/// A queue in one circular array. While its size is steady it allocates nothing and moves nothing.
/// It uses no memory until the first element, and shrinks a large array: to half when seven eighths
/// are free, to nothing when it has become empty. So many mostly empty queues cost little, and a
/// queue that was long for a while costs only what it holds.
///
/// `T` is default-constructible and movable; free slots hold a default `T`. Elements are indexed
/// from the front. References are valid until the next `push_back` or erasure.
template <class T>
class RingQueue {
 public:
  RingQueue() = default;
  RingQueue(RingQueue&& other) noexcept { swap(other); }
  RingQueue& operator=(RingQueue&& other) noexcept {
    RingQueue(std::move(other)).swap(*this);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// The number of slots.
  std::size_t capacity() const { return capacity_; }

  T& operator[](std::size_t index) { return slots_[slot(index)]; }
  const T& operator[](std::size_t index) const { return slots_[slot(index)]; }
  T& front() { return slots_[begin_]; }
  const T& front() const { return slots_[begin_]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  T& push_back(T item) { return append() = std::move(item); }
  /// Appends a default element, to be filled in place.
  T& append() {
    if (size_ == capacity_) grow();
    ++size_;
    return back();
  }

  void pop_front() {
    slots_[begin_] = T{};
    begin_ = slot(1);
    --size_;
    make_smaller();
  }

  /// Takes time proportional to the distance to the nearer end.
  void erase(std::size_t index) {
    if (index < size_ / 2) {
      for (; index != 0; --index) (*this)[index] = std::move((*this)[index - 1]);
      return pop_front();
    }
    for (; index + 1 < size_; ++index) (*this)[index] = std::move((*this)[index + 1]);
    shorten(index);
  }

  template <class Predicate>
  void erase_if(Predicate drop) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (drop((*this)[i])) continue;
      if (kept != i) (*this)[kept] = std::move((*this)[i]);
      ++kept;
    }
    shorten(kept);
  }

  void clear() { shorten(0); }

 private:
  static constexpr std::uint32_t first_capacity = 4;
  static constexpr std::uint32_t kept_while_empty = 64;

  std::uint32_t slot(std::size_t index) const {
    return (begin_ + static_cast<std::uint32_t>(index)) & (capacity_ - 1);
  }

  void shorten(std::size_t size) {
    if (size_ == size) return;
    while (size_ > size) {
      back() = T{};
      --size_;
    }
    make_smaller();
  }

  void make_smaller() {
    if (size_ == 0) return rest();
    std::uint32_t capacity = capacity_;
    while (capacity > kept_while_empty && size_ <= capacity / 8) capacity /= 2;
    if (capacity != capacity_) move_to(capacity);
  }

  void rest() {
    begin_ = 0;
    if (capacity_ <= kept_while_empty) return;
    slots_.reset();
    capacity_ = 0;
  }

  void grow() {
    if (!move_to(std::max(first_capacity, capacity_ * 2))) throw std::bad_alloc();
  }

  /// False if there is no memory for it; nothing has changed then.
  bool move_to(std::uint32_t capacity) {
    std::unique_ptr<T[]> slots(new (std::nothrow) T[capacity]());
    if (!slots) return false;
    for (std::uint32_t i = 0; i < size_; ++i) slots[i] = std::move((*this)[i]);
    slots_ = std::move(slots);
    capacity_ = capacity;
    begin_ = 0;
    return true;
  }

  void swap(RingQueue& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(size_, other.size_);
  }

  std::unique_ptr<T[]> slots_;
  std::uint32_t capacity_ = 0;  ///< a power of two, or 0
  std::uint32_t begin_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace mqtt
