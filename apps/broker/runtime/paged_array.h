#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace broker {

/// An array for the long tables of a worker. It grows by one page at a time and never moves its
/// elements: no pause for copying when it is long, and no large unused reserve. `T` is
/// default-constructible; free slots of the last page hold a default `T`.
template <class T>
class PagedArray {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  T& operator[](std::size_t index) { return (*pages_[index / page_size])[index % page_size]; }
  const T& operator[](std::size_t index) const {
    return (*pages_[index / page_size])[index % page_size];
  }
  T& back() { return (*this)[size_ - 1]; }

  void push_back(T item) {
    if (size_ == pages_.size() * page_size) pages_.push_back(std::make_unique<Page>());
    ++size_;
    back() = std::move(item);
  }

  void pop_back() {
    back() = T{};
    --size_;
    // One page stays in reserve, so that growing and shrinking at its border allocates nothing.
    if (pages_.size() * page_size >= size_ + 2 * page_size) pages_.pop_back();
  }

 private:
  static constexpr std::size_t page_size = 512;
  using Page = std::array<T, page_size>;

  std::vector<std::unique_ptr<Page>> pages_;
  std::size_t size_ = 0;
};

}  // namespace broker
