#include "runtime/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace broker {

TimerWheel::TimerWheel(std::int64_t now_ms) : begin_ms_(now_ms) {
  for (Level& level : levels_) {
    for (TimerLink& ring : level.rings) close(ring);
  }
  close(overdue_);
}

TimerWheel::~TimerWheel() {
  const auto empty = [](TimerLink& ring) {
    while (!is_empty(ring)) ring.next_->unlink();
  };
  for (Level& level : levels_) {
    for (TimerLink& ring : level.rings) empty(ring);
  }
  empty(overdue_);
}

void TimerWheel::arm(TimerEntry& entry, std::int64_t deadline_ms) {
  entry.unlink();
  entry.deadline_ = deadline_ms;
  put(entry, overdue_);
}

/// What is due is taken out of the wheel first and fired then: `on_timer` may change the wheel, and
/// the ring of what is due, as it likes.
void TimerWheel::advance(std::int64_t now_ms) {
  TimerLink due;
  close(due);
  append_all(due, overdue_);
  take_due(passed_tick(now_ms), due);
  while (!is_empty(due)) {
    auto& entry = static_cast<TimerEntry&>(*due.next_);
    entry.unlink();
    entry.on_timer();  // from here on the entry may be gone
  }
}

std::int64_t TimerWheel::next_wake() const {
  if (!is_empty(overdue_)) return time_of(tick_);
  const Slot next = first_used();
  return next.level == levels ? INT64_MAX : time_of(next.begin);
}

// ---- time ---------------------------------------------------------------------------------------

/// The first tick that begins at or after the deadline. The subtraction is one of unsigned numbers:
/// it is right for any two times, however far apart.
TimerWheel::Tick TimerWheel::due_tick(std::int64_t deadline_ms) const {
  if (deadline_ms <= begin_ms_) return 0;
  const auto since =
      static_cast<std::uint64_t>(deadline_ms) - static_cast<std::uint64_t>(begin_ms_);
  constexpr auto tick = static_cast<std::uint64_t>(tick_ms);
  return std::min(since / tick + (since % tick != 0 ? 1 : 0), last_tick);
}

TimerWheel::Tick TimerWheel::passed_tick(std::int64_t now_ms) const {
  if (now_ms <= begin_ms_) return 0;
  const auto since = static_cast<std::uint64_t>(now_ms) - static_cast<std::uint64_t>(begin_ms_);
  return std::min(since / static_cast<std::uint64_t>(tick_ms), last_tick);
}

std::int64_t TimerWheel::time_of(Tick tick) const {
  std::int64_t time = 0;
  const auto since = static_cast<std::int64_t>(tick) * tick_ms;
  return __builtin_add_overflow(begin_ms_, since, &time) ? INT64_MAX - 1 : time;
}

// ---- rings --------------------------------------------------------------------------------------

void TimerWheel::append(TimerLink& ring, TimerLink& link) {
  link.next_ = &ring;
  link.previous_ = ring.previous_;
  ring.previous_->next_ = &link;
  ring.previous_ = &link;
}

void TimerWheel::append_all(TimerLink& ring, TimerLink& from) {
  if (is_empty(from)) return;
  from.next_->previous_ = ring.previous_;
  from.previous_->next_ = &ring;
  ring.previous_->next_ = from.next_;
  ring.previous_ = from.previous_;
  close(from);
}

/// The level of an entry is that of the highest bit in which its tick differs from the present one.
void TimerWheel::put(TimerEntry& entry, TimerLink& ring_if_due) {
  const Tick tick = due_tick(entry.deadline_);
  if (tick <= tick_) return append(ring_if_due, entry);
  const auto highest = static_cast<unsigned>(std::bit_width(tick ^ tick_)) - 1;
  const unsigned index = highest / slot_bits;
  const auto slot = static_cast<unsigned>(tick >> (index * slot_bits)) % slots;
  levels_[index].used |= std::uint64_t{1} << slot;
  append(levels_[index].rings[slot], entry);
}

/// Entries leave without telling: a ring that turns out to be empty is struck off here.
TimerWheel::Slot TimerWheel::first_used() const {
  for (unsigned index = 0; index < levels; ++index) {
    Level& level = levels_[index];
    while (level.used != 0) {
      const auto slot = static_cast<unsigned>(std::countr_zero(level.used));
      if (!is_empty(level.rings[slot])) {
        const unsigned shift = index * slot_bits;
        const Tick above = tick_ >> (shift + slot_bits) << (shift + slot_bits);
        return {index, slot, above | Tick{slot} << shift};
      }
      level.used &= level.used - 1;
    }
  }
  return {levels, 0, 0};
}

/// Goes from used slot to used slot. At a slot of a coarser level its entries move to finer ones,
/// or, if they are due at its very first tick, to `due`.
void TimerWheel::take_due(Tick until, TimerLink& due) {
  for (;;) {
    const Slot next = first_used();
    if (next.level == levels || next.begin > until) break;
    Level& level = levels_[next.level];
    level.used &= ~(std::uint64_t{1} << next.slot);
    TimerLink moving;
    close(moving);
    append_all(moving, level.rings[next.slot]);
    tick_ = next.begin;
    while (!is_empty(moving)) {
      auto& entry = static_cast<TimerEntry&>(*moving.next_);
      entry.unlink();
      put(entry, due);
    }
  }
  tick_ = std::max(tick_, until);
}

}  // namespace broker
