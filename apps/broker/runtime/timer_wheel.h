#pragma once

#include <array>
#include <cstdint>

namespace broker {

/// Something that wants to be called at a time. Lives inside its owner; unlinks itself when
/// destroyed. `on_timer` may arm it again, arm others, or destroy its owner.
class TimerEntry {
 public:
  TimerEntry() = default;
  TimerEntry(const TimerEntry&) = delete;
  TimerEntry& operator=(const TimerEntry&) = delete;
  bool armed() const { return next_ != nullptr; }
  std::int64_t deadline() const { return deadline_; }

 protected:
  ~TimerEntry() { unlink(); }
  virtual void on_timer() = 0;

 private:
  friend class TimerWheel;
  void unlink();
  TimerEntry* next_ = nullptr;
  TimerEntry* previous_ = nullptr;
  std::int64_t deadline_ = 0;  ///< milliseconds
};

/// Deadlines of one worker (keep alives, expiries, delays): arming and disarming in constant time,
/// whatever their number, and one loop timer for all of them. A hierarchical wheel; the finest tick
/// is 64 ms, a deadline fires at or up to one tick after its time, never before.
///
/// Belongs to one worker, its thread only. Knows no clock: time comes as an argument.
class TimerWheel {
 public:
  explicit TimerWheel(std::int64_t now_ms);
  ~TimerWheel();

  /// (Re-)arms. A deadline in the past fires at the next `advance`.
  void arm(TimerEntry& entry, std::int64_t deadline_ms);
  void disarm(TimerEntry& entry) { entry.unlink(); }

  /// Fires everything that is due at `now_ms`.
  void advance(std::int64_t now_ms);

  /// When `advance` should be called next at the latest; INT64_MAX if nothing is armed. May be
  /// earlier than the next deadline (when entries must move to a finer wheel), never later.
  std::int64_t next_wake() const;
};

}  // namespace broker
