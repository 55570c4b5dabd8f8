#pragma once

#include <cstdint>

namespace broker {

/// How often a line whose cause a stranger controls may be written: some at once, then one a
/// second. Belongs to one worker.
class LineRate {
 public:
  /// Whether a line may be written now; if not, it is counted as left out. Times are of a clock
  /// that does not go back.
  bool allows(std::int64_t now_ms);
  /// How many lines have been left out since this was asked last.
  std::uint64_t take_left_out();

 private:
  static constexpr unsigned burst = 10;
  static constexpr std::int64_t refill_ms = 1000;

  std::int64_t refilled_at_ms_ = 0;
  unsigned lines_left_ = burst;
  std::uint64_t left_out_ = 0;
};

}  // namespace broker
