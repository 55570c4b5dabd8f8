#include "bench/verdict/rank_test.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t most_values = 64;

/// Twice the rank of each value among all of them: whole numbers even where ties share a rank.
std::vector<std::size_t> double_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return values[i] < values[j]; });
  std::vector<std::size_t> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    // The tied ones have the ranks begin + 1 to end; each gets their mean.
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = begin + 1 + end;
    begin = end;
  }
  return ranks;
}

/// Of all ways to choose `chosen` of the ranks: how large a share of them has each sum.
std::vector<double> sum_shares(const std::vector<std::size_t>& ranks, std::size_t chosen) {
  const std::size_t most = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  // ways[k][s]: in how many ways k of the ranks so far make the sum s.
  std::vector<std::vector<double>> ways(chosen + 1, std::vector<double>(most + 1, 0));
  ways[0][0] = 1;
  for (const std::size_t rank : ranks) {
    for (std::size_t k = chosen; k > 0; --k) {
      for (std::size_t sum = most; sum >= rank; --sum) ways[k][sum] += ways[k - 1][sum - rank];
    }
  }
  std::vector<double> shares = std::move(ways[chosen]);
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= all;
  return shares;
}

/// How likely a sum is at least as far from the middle as `sum`.
double two_sided(const std::vector<double>& shares, double middle, double sum) {
  const double distance = std::abs(sum - middle);
  double p = 0;
  for (std::size_t s = 0; s < shares.size(); ++s) {
    if (std::abs(static_cast<double>(s) - middle) >= distance - 1e-9) p += shares[s];
  }
  return std::min(p, 1.0);
}

double binomial(std::size_t n, std::size_t k) {
  double product = 1;
  for (std::size_t i = 1; i <= k; ++i) {
    product *= static_cast<double>(n - k + i) / static_cast<double>(i);
  }
  return product;
}

std::vector<double> first_values(std::span<const double> values) {
  const auto kept = values.first(std::min(values.size(), most_values));
  return {kept.begin(), kept.end()};
}

}  // namespace

double least_p(std::size_t a_size, std::size_t b_size) {
  if (a_size == 0 || b_size == 0) return 1;
  const std::size_t a = std::min(a_size, most_values);
  const std::size_t b = std::min(b_size, most_values);
  return std::min(1.0, 2 / binomial(a + b, a));
}

RankTest rank_test(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return {};
  std::vector<double> all = first_values(a);
  const std::size_t chosen = all.size();
  const std::vector<double> others = first_values(b);
  all.insert(all.end(), others.begin(), others.end());
  const std::vector<std::size_t> ranks = double_ranks(all);
  const std::size_t sum = std::accumulate(
      ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(chosen), std::size_t{0});
  const double middle = static_cast<double>(chosen) * static_cast<double>(all.size() + 1);
  RankTest test;
  test.p = two_sided(sum_shares(ranks, chosen), middle, static_cast<double>(sum));
  test.least_p = least_p(chosen, others.size());
  return test;
}

std::optional<RatioInterval> ratio_interval(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> below = first_values(a);
  const std::vector<double> above = first_values(b);
  if (below.empty() || above.empty()) return std::nullopt;
  std::vector<double> ratios;
  for (const double x : below) {
    for (const double y : above) {
      if (x <= 0 || y <= 0) return std::nullopt;
      ratios.push_back(y / x);
    }
  }
  std::sort(ratios.begin(), ratios.end());
  // A true ratio of r would make the samples a * r and b alike. How many ratios lie below it is
  // then the test's U, whose least 2.5 % on each side are left out.
  std::vector<std::size_t> ranks(below.size() + above.size());
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  const std::vector<double> shares = sum_shares(ranks, below.size());
  const std::size_t least_sum = below.size() * (below.size() + 1) / 2;
  std::size_t left_out = 0;
  double tail = 0;
  while (left_out < ratios.size() && tail + shares[least_sum + left_out] <= 0.025) {
    tail += shares[least_sum + left_out];
    ++left_out;
  }
  if (left_out == 0) return std::nullopt;
  return RatioInterval{ratios[left_out - 1], ratios[ratios.size() - left_out]};
}

}  // namespace bench
