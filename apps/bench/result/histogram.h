#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>

namespace bench {

/// Counts durations in nanoseconds, log-linearly: below 256 ns exactly, above in 128 steps per
/// power of two, so that the error of a quantile is always below 0.8 %. Up to 2^43 ns
/// (2.4 hours); longer ones count as that, and as `max` exactly.
///
/// 36 KiB once something was recorded, nothing before. Recording costs a few instructions and never
/// allocates after the first value. One thread.
class Histogram {
 public:
  /// A bucket with values: its upper bound in ns, and their count.
  struct Step {
    std::uint64_t upper_bound = 0;
    std::uint64_t count = 0;
  };

  /// Restores a histogram from the values of `for_each` and the exact minimum, maximum and mean.
  /// nullopt: impossible values (minimum above maximum, a count of 0, more values than can be
  /// counted).
  static std::optional<Histogram> from_steps(std::span<const Step> steps, std::uint64_t min,
                                             std::uint64_t max, double mean);

  void record(std::uint64_t nanoseconds, std::uint64_t times = 1);
  void add(const Histogram& other);
  /// The values recorded since `earlier`, a previous copy of this histogram. Minimum and maximum
  /// are known to the precision above.
  Histogram since(const Histogram& earlier) const;
  void clear();

  std::uint64_t count() const { return count_; }
  /// Both 0 while empty, and exact.
  std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t max() const { return max_; }
  double mean() const;

  /// The smallest recorded duration (to the precision above, never more than `max`) that at least
  /// `fraction` of all values do not exceed. `fraction` in 0..1; 0 while empty.
  std::uint64_t quantile(double fraction) const;

  /// Calls `visit(upper bound in ns, count)` for each bucket with values, in ascending order.
  template <class Visit>
  void for_each(Visit visit) const {
    if (!counts_) return;
    for (std::size_t i = 0; i < slots; ++i) {
      if ((*counts_)[i] != 0) visit(upper_bound_of(i), (*counts_)[i]);
    }
  }

 private:
  static constexpr unsigned linear_bits = 8;
  static constexpr unsigned max_bits = 43;
  static constexpr std::size_t half = std::size_t{1} << (linear_bits - 1);
  static constexpr std::size_t slots = 2 * half + (max_bits - linear_bits) * half;

  static std::size_t slot_of(std::uint64_t nanoseconds);
  static std::uint64_t upper_bound_of(std::size_t slot);

  std::unique_ptr<std::array<std::uint64_t, slots>> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace bench
