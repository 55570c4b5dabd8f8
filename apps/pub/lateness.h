#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pub {

/// How late messages were sent: count, median and maximum, in constant memory.
class Lateness {
 public:
  void add(std::chrono::nanoseconds late);

  std::uint64_t count() const { return count_; }
  /// Exact to ten microseconds, up to ten milliseconds; above that, the maximum.
  std::chrono::microseconds median() const;
  std::chrono::microseconds largest() const { return largest_; }

 private:
  static constexpr std::chrono::microseconds step{10};
  static constexpr std::size_t steps = 1000;

  std::array<std::uint64_t, steps> counts_{};  ///< by steps of lateness
  std::uint64_t count_ = 0;
  std::chrono::microseconds largest_{0};
};

}  // namespace pub
