#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace bench {

/// What the Mann-Whitney test says about two small samples: whether one tends to be larger. It
/// assumes no distribution, and is computed exactly, ties included.
struct RankTest {
  /// Two-sided: how likely a difference as large as this one is if both come from the same source.
  double p = 1;
  /// The least `p` that samples of these sizes could have: 0.029 for 4 and 4.
  double least_p = 1;
};

/// The same for samples that are still to come. 1 if one is empty.
double least_p(std::size_t a_size, std::size_t b_size);

/// Cost: about (n + m)^2 * n * m additions. At most 64 values per side are used, the first ones.
RankTest rank_test(std::span<const double> a, std::span<const double> b);

/// The ratios b/a between which the true one lies with 95 % confidence, by the same test. nullopt:
/// the samples are too small for that, or not all positive.
struct RatioInterval {
  double low = 0;
  double high = 0;
};
std::optional<RatioInterval> ratio_interval(std::span<const double> a, std::span<const double> b);

}  // namespace bench
