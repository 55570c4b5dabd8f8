#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "routing/receiver.h"

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

/// The members of one share group that subscribed to one filter, in the order in which they joined.
/// Immutable: a change of members makes a new one that takes the key, and with it the turn, along.
struct ShareGroup {
  std::vector<Receiver> members;
  ShareKeyPtr key;
};
using ShareGroupPtr = std::shared_ptr<const ShareGroup>;

/// Who receives messages on one topic: a value that stays true while the tree's generation does not
/// change. Immutable once made, so that it may be kept, shared and used without a lock.
struct Match {
  /// Plain subscribers, those of one worker side by side, workers rising; within a worker in the
  /// order of the tree: the exact level before `+` before `#`.
  std::vector<Receiver> receivers;
  /// [begins[i], begins[i + 1]) of `receivers` belong to one worker; one more entry than workers
  /// present (empty if there are no receivers).
  std::vector<std::uint32_t> begins;
  /// One for each share group and filter that matches: one member of each receives.
  std::vector<ShareGroupPtr> groups;

  bool empty() const { return receivers.empty() && groups.empty(); }
  /// The receivers from begins[i] on: those of one worker.
  std::span<const Receiver> of_one_worker(std::size_t i) const {
    return std::span(receivers).subspan(begins[i], begins[i + 1] - begins[i]);
  }
};
using MatchPtr = std::shared_ptr<const Match>;

}  // namespace broker
