#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace broker {

/// A task or value for another worker. Created on one thread, opened and destroyed on the other.
class Letter {
 public:
  virtual ~Letter() = default;
  virtual void open() = 0;
};

/// A letter made from a callable, for rare events.
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

/// The only way across threads: any thread posts letters, the owner opens them in order.
class Mailbox {
 public:
  /// Identifies a letter; 0: none.
  using Number = std::uint64_t;

  /// Any thread. True if the owner must be woken.
  bool post(std::unique_ptr<Letter> letter) {
    const std::scoped_lock guard(mutex_);
    put(std::move(letter));
    return !std::exchange(woken_, true);
  }
  /// The same for a caller that will post more, and calls `must_be_woken` after that.
  Number post_quietly(std::unique_ptr<Letter> letter) {
    const std::scoped_lock guard(mutex_);
    put(std::move(letter));
    return posted_;
  }
  bool must_be_woken() {
    const std::scoped_lock guard(mutex_);
    return !letters_.empty() && !std::exchange(woken_, true);
  }
  /// If the letter with that number is the last one waiting, calls `change(letter)` and returns its
  /// result; otherwise false. So the sender can add to a letter that it has posted.
  template <class Change>
  bool amend(Number number, Change change) {
    const std::scoped_lock guard(mutex_);
    return !letters_.empty() && posted_ == number && change(*letters_.back());
  }

  /// The owner: whether a letter is waiting. Costs a load.
  bool has_letters() const { return has_letters_.load(std::memory_order_acquire); }

  /// The owner: opens all waiting letters. Letters that arrive meanwhile wait for the next call;
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
  Number posted_ = 0;   ///< the number of the last letter so far
  bool woken_ = false;  ///< the owner was notified since it last opened letters
  std::vector<std::unique_ptr<Letter>> opening_;  ///< the owner's
};

}  // namespace broker
