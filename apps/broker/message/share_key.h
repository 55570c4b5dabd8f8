#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace broker {

/// What stays of a share group while its members come and go. Shared by all workers, by successive
/// member lists, and by the deliveries that came through the group: counted within, so that a
/// delivery names its group with one pointer.
struct ShareKey {
  explicit ShareKey(std::string text) : filter(std::move(text)) {}

  /// As it stands in the tree, with `$share/NAME/`.
  const std::string filter;
  /// Counts the messages given out; the turn is this modulo the number of members.
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
