#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace broker {

class TimerWheel;

/// A slot in one of the wheel's rings.
class TimerLink {
 private:
  friend class TimerWheel;
  friend class TimerEntry;
  void unlink() {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = nullptr;
  }
  TimerLink* next_ = nullptr;  ///< nullptr: in no ring
  TimerLink* previous_ = nullptr;
  std::int64_t deadline_ = 0;
};

/// A timer entry. Lives inside its owner; unlinks itself when destroyed. `on_timer` may arm it
/// again, arm or disarm others, or destroy its owner.
class TimerEntry : public TimerLink {
 public:
  TimerEntry() = default;
  TimerEntry(const TimerEntry&) = delete;
  TimerEntry& operator=(const TimerEntry&) = delete;
  bool armed() const { return next_ != nullptr; }
  /// Milliseconds; the last argument of `arm`.
  std::int64_t deadline() const { return deadline_; }
  /// Called by the wheel, after it has disarmed the entry.
  virtual void on_timer() = 0;

 protected:
  ~TimerEntry() { unlink(); }
};

/// Deadlines of one worker (keep alives, expiries, delays): arming and disarming in constant time,
/// whatever their number, and one loop timer for all of them. A hierarchical wheel; the finest tick
/// is 64 ms, a deadline fires at or up to one tick after its time, never before.
///
/// Belongs to one worker, its thread only. Has no clock: time is an argument.
class TimerWheel {
 public:
  static constexpr std::int64_t tick_ms = 64;

  explicit TimerWheel(std::int64_t now_ms);
  /// Entries that are still armed are disarmed.
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// (Re-)arms. A deadline in the past fires at the next `advance`; what `on_timer` arms for the
  /// past also waits for the next `advance`, so that no call lasts forever.
  void arm(TimerEntry& entry, std::int64_t deadline_ms);
  void disarm(TimerEntry& entry) { entry.unlink(); }

  /// Fires everything that is due at `now_ms`, in order of ticks. The cost depends on the entries
  /// that fire or move, not on the time passed. Time that decreases is ignored. Not to be called
  /// from `on_timer`.
  void advance(std::int64_t now_ms);

  /// When `advance` should be called next at the latest; INT64_MAX if nothing is armed. May be
  /// earlier than the next deadline (when entries must move to a finer wheel), never later than one
  /// tick after it.
  std::int64_t next_wake() const;

 private:
  using Tick = std::uint64_t;  ///< counted from the wheel's construction
  static constexpr unsigned slot_bits = 6;
  static constexpr unsigned slots = 1U << slot_bits;
  static constexpr unsigned levels = 7;
  static constexpr Tick last_tick = (Tick{1} << (slot_bits * levels)) - 1;  ///< 8900 years

  /// Slot `s` of level `l` holds the ticks whose upper bits are those of `tick_`, whose bits of
  /// that level are `s`, which is more than those of `tick_`, and whose lower bits are any. So
  /// level 0 holds what is nearest, and the first slot in use of the lowest level in use is the
  /// next.
  struct Level {
    std::array<TimerLink, slots> rings;
    /// Bit s: ring s may have entries; cleared when it is found empty.
    std::uint64_t used = 0;
  };
  struct Slot {
    unsigned level;  ///< `levels`: nothing armed
    unsigned slot;
    Tick begin;  ///< its first tick
  };

  static void close(TimerLink& ring) { ring.next_ = ring.previous_ = &ring; }
  static bool is_empty(const TimerLink& ring) { return ring.next_ == &ring; }
  static void append(TimerLink& ring, TimerLink& link);
  static void append_all(TimerLink& ring, TimerLink& from);

  Tick due_tick(std::int64_t deadline_ms) const;
  Tick passed_tick(std::int64_t now_ms) const;
  std::int64_t time_of(Tick tick) const;
  void put(TimerEntry& entry, TimerLink& ring_if_due);
  Slot first_used() const;
  void take_due(Tick until, TimerLink& due);

  const std::int64_t begin_ms_;
  Tick tick_ = 0;  ///< all ticks up to this one have been fired
  mutable std::array<Level, levels> levels_;
  TimerLink overdue_;  ///< armed for the past
};

}  // namespace broker
