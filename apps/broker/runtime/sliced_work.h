#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>

#include "runtime/worker.h"

namespace broker {

/// The unit for work whose length a client controls. About a tenth of a microsecond: enough to look
/// at a retained topic, or to check one short filter.
using Steps = std::size_t;

/// Steps that take as long as a unit of work that the worker counts (Worker::count_work).
inline constexpr Steps steps_of_a_unit = 3;

/// Subtracts `cost` from what is left, down to 0.
inline void spend(Steps& left, Steps cost) {
  left -= std::min(left, cost);
}

/// Work of one worker that would block its loop for too long. It is done in slices, some in each
/// turn, round-robin among all waiting tasks. So a turn does a bounded amount, regardless of how
/// much there is and how many clients requested it.
///
/// Belongs to the worker, its thread only.
class SlicedWork final : public TurnEndTask {
 public:
  /// The budget of one turn: about half a millisecond.
  static constexpr Steps turn_steps = 5000;
  /// The share of one slice, so that several run in a turn.
  static constexpr Steps slice_steps = turn_steps / 4;

  /// Continues a task for up to `left` steps, subtracts the steps used, and returns whether it is
  /// finished. May add more work. Must expect that its object has ended meanwhile.
  using Slice = std::function<bool(Steps& left)>;

  enum class Kind : unsigned char {
    freeing,  ///< frees memory. Goes first, with half of each turn, so that clients cannot request
              ///< more than is freed.
    asked,    ///< requested by a client
  };

  explicit SlicedWork(Worker& worker) : worker_(worker) {}

  /// What is left of this turn's budget for new work. If it is used up, pass the rest to
  /// `later`.
  Steps& left() { return left_; }

  /// Runs the slice at the end of this turn and of the following ones, until it is finished.
  void later(Kind kind, Slice slice);

  bool idle() const { return freeing_.empty() && asked_.empty(); }

  /// Runs the slices of this turn; wakes the loop for another turn if there are more.
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
