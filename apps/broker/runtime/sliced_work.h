#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>

#include "runtime/worker.h"

namespace broker {

/// The unit in which work is measured that a client can make long. About a tenth of a microsecond:
/// enough to look at a retained topic, or to check one short filter.
using Steps = std::size_t;

/// Steps that take as long as a unit of work that the worker counts (Worker::count_work).
inline constexpr Steps steps_of_a_unit = 3;

/// Takes `cost` off what is left, or all of it.
inline void spend(Steps& left, Steps cost) {
  left -= std::min(left, cost);
}

/// Work of one worker that would hold its loop for too long in one go. It is done in slices, some
/// in each turn and those of all who wait in rotation, so a turn does a bounded amount of it
/// however much there is and however many asked for it.
///
/// Belongs to the worker, its thread only.
class SlicedWork final : public TurnEndTask {
 public:
  /// What one turn does of it: half a millisecond or so.
  static constexpr Steps turn_steps = 5000;
  /// What one slice may take of that, so that several get theirs in a turn.
  static constexpr Steps slice_steps = turn_steps / 4;

  /// Goes on with a piece of work for `left` steps, takes off what it took, and returns whether it
  /// is finished. May add more work. Must bear that what it was about has ended meanwhile.
  using Slice = std::function<bool(Steps& left)>;

  enum class Kind : unsigned char {
    freeing,  ///< gives memory back. Goes first with half of each turn, so that clients cannot ask
              ///< for more than is given back.
    asked,    ///< by a client
  };

  explicit SlicedWork(Worker& worker) : worker_(worker) {}

  /// What this turn still has for work that begins in it. Whoever finds it used up leaves what
  /// there is to do to `later`.
  Steps& left() { return left_; }

  /// At the end of this turn and of those to come, until the slice says that it is finished.
  void later(Kind kind, Slice slice);

  bool idle() const { return freeing_.empty() && asked_.empty(); }

  /// Does the slices of this turn; wakes the loop for another one if there are more.
  void on_turn_end() override;

 private:
  using Queue = std::deque<Slice>;
  static void rotate(Queue& queue, Steps& left);

  Worker& worker_;
  Queue freeing_;
  Queue asked_;
  Steps left_ = turn_steps;
};

}  // namespace broker
