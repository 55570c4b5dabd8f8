#pragma once

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace bench {

/// Keeps the optimiser from dropping the computation of `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// Processor time of the calling thread: what other programs take does not count.
inline double nanoseconds_of_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// Nanoseconds per call of `work`: the median of seven rounds of at least 20 ms each, so that a
/// round that another program disturbed does not count.
template <class Work>
double nanoseconds_per_call(Work&& work) {
  const auto time_of = [&](std::uint64_t calls) {
    const double start = nanoseconds_of_thread();
    for (std::uint64_t i = 0; i < calls; ++i) work();
    return nanoseconds_of_thread() - start;
  };
  std::uint64_t calls = 1;
  while (time_of(calls) < 20e6) calls *= 2;

  std::array<double, 7> rounds{};
  for (double& round : rounds) round = time_of(calls) / static_cast<double>(calls);
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

}  // namespace bench
