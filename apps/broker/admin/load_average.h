#pragma once

#include <array>
#include <cstdint>

namespace broker {

/// Averages per minute of a counter over the last 1, 5 and 15 minutes, decaying exponentially.
class LoadAverage {
 public:
  static constexpr std::array<double, 3> periods_s = {60, 300, 900};

  /// `count` is the counter's value now, `elapsed_s` the time since the last call.
  void update(std::int64_t count, double elapsed_s);
  /// `period` indexes `periods_s`.
  double value(std::size_t period) const { return values_[period]; }

 private:
  std::array<double, 3> values_{};
  std::int64_t last_count_ = 0;
};

}  // namespace broker
