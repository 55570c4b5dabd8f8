#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace broker {

/// The identity of a share group, which stays while its members change. Shared by all workers, by
/// successive member lists, and by the deliveries of the group. The reference count is inside, so
/// that a delivery refers to its group with one pointer.
struct ShareKey {
  explicit ShareKey(std::string text) : filter(std::move(text)) {}

  /// As in the tree, with `$share/NAME/`.
  const std::string filter;
  /// Counts the messages routed; modulo the number of members it selects the next one.
  std::atomic<std::uint32_t> turn{0};

 private:
  friend class ShareKeyPtr;
  mutable std::atomic<std::uint32_t> references_{0};
};

/// A counted reference to a ShareKey, or to none; may cross threads.
class ShareKeyPtr {
 public:
  ShareKeyPtr() = default;
  explicit ShareKeyPtr(ShareKey* key) : key_(key) { add(); }
  ShareKeyPtr(const ShareKeyPtr& other) : key_(other.key_) { add(); }
  ShareKeyPtr(ShareKeyPtr&& other) noexcept : key_(std::exchange(other.key_, nullptr)) {}
  ShareKeyPtr& operator=(ShareKeyPtr other) noexcept {
    std::swap(key_, other.key_);
    return *this;
  }
  ~ShareKeyPtr() {
    if (key_ == nullptr) return;
    if (key_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete key_;
  }

  ShareKey* operator->() const { return key_; }
  ShareKey& operator*() const { return *key_; }
  explicit operator bool() const { return key_ != nullptr; }

 private:
  void add() const {
    if (key_ != nullptr) key_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  ShareKey* key_ = nullptr;
};

}  // namespace broker
