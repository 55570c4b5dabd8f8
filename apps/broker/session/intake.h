#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace broker {

/// How much other workers have posted to one worker that it has not delivered yet, and which of
/// them want to know when it is less. Without a bound, publishers of one worker would fill the
/// memory with what the sessions of another can not take as fast.
///
/// One per worker. Any thread; guards itself. All steps are in one order for all threads: who asks
/// to be told and then finds too much here is told.
class Intake {
 public:
  struct Load {
    std::int64_t deliveries = 0;
    std::int64_t bytes = 0;  ///< of memory, a message counted once in each letter

    Load operator+(const Load& other) const {
      return {deliveries + other.deliveries, bytes + other.bytes};
    }
    Load operator-(const Load& other) const {
      return {deliveries - other.deliveries, bytes - other.bytes};
    }
    bool exceeds(std::int64_t parts, std::int64_t of) const {
      return deliveries > full.deliveries * parts / of || bytes > full.bytes * parts / of;
    }
    static const Load full;
  };
  /// Beyond this, connections that publish to sessions of the worker are not read, one after the
  /// other as they do; beyond twice as much, messages of QoS 0 are dropped.
  static constexpr std::int64_t full_deliveries = 16'384;
  static constexpr std::int64_t full_bytes = 4 * 1024 * 1024;

  explicit Intake(std::size_t workers) : waiting_(workers) {}

  void add(const Load& load) {
    deliveries_.fetch_add(load.deliveries);
    bytes_.fetch_add(load.bytes);
  }
  void take(const Load& load) { add({-load.deliveries, -load.bytes}); }
  Load load() const { return {deliveries_.load(), bytes_.load()}; }

  /// `worker` is to be told when there is room: by whoever opens a letter from here on.
  void await_room(std::size_t worker) { waiting_[worker].store(true); }
  /// Calls `tell(worker)` for each that waits, once.
  template <class Tell>
  void tell_waiting(Tell tell) {
    for (std::size_t worker = 0; worker < waiting_.size(); ++worker) {
      if (waiting_[worker].load() && waiting_[worker].exchange(false)) tell(worker);
    }
  }

 private:
  std::atomic<std::int64_t> deliveries_{0};
  std::atomic<std::int64_t> bytes_{0};
  std::vector<std::atomic<bool>> waiting_;  ///< by worker
};

inline constexpr Intake::Load Intake::Load::full{Intake::full_deliveries, Intake::full_bytes};

}  // namespace broker
