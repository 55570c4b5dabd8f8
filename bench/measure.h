#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace bench {

/// Keeps the optimiser from dropping the computation of `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// Nanoseconds per call of `work`: the median of seven rounds of at least 20 ms each, so that a round
/// that another program disturbed does not count.
template <class Work>
double nanoseconds_per_call(Work&& work) {
  using Clock = std::chrono::steady_clock;
  const auto time_of = [&](std::uint64_t calls) {
    const auto start = Clock::now();
    for (std::uint64_t i = 0; i < calls; ++i) work();
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  };
  std::uint64_t calls = 1;
  while (time_of(calls) < 20e6) calls *= 2;

  std::array<double, 7> rounds{};
  for (double& round : rounds) round = time_of(calls) / static_cast<double>(calls);
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

}  // namespace bench
