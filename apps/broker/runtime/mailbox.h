#pragma once

#include <atomic>
#include <cstdint>
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
  /// Names a letter; 0: none.
  using Number = std::uint64_t;

  /// Any thread. True if the owner must be woken.
  bool post(std::unique_ptr<Letter> letter) {
    const std::scoped_lock guard(mutex_);
    put(std::move(letter));
    return !std::exchange(woken_, true);
  }
  /// The same by someone who is going to post more, and asks `must_be_woken` when that is done.
  Number post_quietly(std::unique_ptr<Letter> letter) {
    const std::scoped_lock guard(mutex_);
    put(std::move(letter));
    return posted_;
  }
  bool must_be_woken() {
    const std::scoped_lock guard(mutex_);
    return !letters_.empty() && !std::exchange(woken_, true);
  }
  /// Calls `change(letter)`, and returns what it does, if the letter with that number is the last one
  /// of those that wait; false if it is not. Who has posted it may so add to it in its place.
  template <class Change>
  bool amend(Number number, Change change) {
    const std::scoped_lock guard(mutex_);
    return !letters_.empty() && posted_ == number && change(*letters_.back());
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
      woken_ = false;
      has_letters_.store(false, std::memory_order_relaxed);
    }
    for (auto& letter : opening_) {
      letter->open();
      letter.reset();
    }
    opening_.clear();
  }

 private:
  void put(std::unique_ptr<Letter> letter) {
    letters_.push_back(std::move(letter));
    ++posted_;
    has_letters_.store(true, std::memory_order_release);
  }

  std::mutex mutex_;
  std::atomic<bool> has_letters_{false};
  // Guarded by mutex_.
  std::vector<std::unique_ptr<Letter>> letters_;
  Number posted_ = 0;   ///< so far: the number of the last letter
  bool woken_ = false;  ///< the owner has been told since it last opened
  std::vector<std::unique_ptr<Letter>> opening_;  ///< the owner's
};

}  // namespace broker
