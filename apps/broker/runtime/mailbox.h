#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace broker {

/// Something for another worker to do or to have. Made on one thread, opened and destroyed on the
/// other.
class Letter {
 public:
  virtual ~Letter() = default;
  virtual void open() = 0;
};

/// A letter out of a callable, for what happens rarely.
template <class Callable>
std::unique_ptr<Letter> make_letter(Callable callable) {
  class CallLetter final : public Letter {
   public:
    explicit CallLetter(Callable call) : call_(std::move(call)) {}
    void open() override { call_(); }

   private:
    Callable call_;
  };
  return std::make_unique<CallLetter>(std::move(callable));
}

/// The only way across threads: letters from anyone, to be opened by the owner in order.
class Mailbox {
 public:
  /// Any thread. True if the mailbox was empty: the owner must be woken.
  bool post(std::unique_ptr<Letter> letter) {
    const std::scoped_lock guard(mutex_);
    letters_.push_back(std::move(letter));
    has_letters_.store(true, std::memory_order_release);
    return letters_.size() == 1;
  }

  /// The owner: whether something has come. Costs a load.
  bool has_letters() const { return has_letters_.load(std::memory_order_acquire); }

  /// The owner: opens everything that has come. Letters that come meanwhile wait for the next call;
  /// a call from within a letter does nothing.
  void open_all() {
    if (!opening_.empty()) return;
    {
      const std::scoped_lock guard(mutex_);
      opening_.swap(letters_);
      has_letters_.store(false, std::memory_order_relaxed);
    }
    for (auto& letter : opening_) {
      letter->open();
      letter.reset();
    }
    opening_.clear();
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> has_letters_{false};
  std::vector<std::unique_ptr<Letter>> letters_;  ///< guarded by mutex_
  std::vector<std::unique_ptr<Letter>> opening_;  ///< the owner's
};

}  // namespace broker
