#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace bench {

/// The Mann-Whitney test for two small samples: whether one tends to be larger. It assumes no
/// distribution, and is computed exactly, including ties.
struct RankTest {
  /// Two-sided: how likely a difference as large as this one is if both come from the same source.
  double p = 1;
  /// The minimum `p` for samples of these sizes: 0.029 for 4 and 4.
  double least_p = 1;
};

/// The same for future samples. 1 if one is empty.
double least_p(std::size_t a_size, std::size_t b_size);

/// Cost: about (n + m)^2 * n * m additions. At most 64 values per side are used, the first ones.
RankTest rank_test(std::span<const double> a, std::span<const double> b);

/// The 95 % confidence interval of the ratio b/a, by the same test. nullopt: the samples are too
/// small, or not all positive.
struct RatioInterval {
  double low = 0;
  double high = 0;
};
std::optional<RatioInterval> ratio_interval(std::span<const double> a, std::span<const double> b);

}  // namespace bench
