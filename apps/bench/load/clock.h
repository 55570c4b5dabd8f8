#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

/// Nanoseconds; points in time count from a fixed point in the past.
using Nanoseconds = std::uint64_t;

inline constexpr Nanoseconds nanoseconds_per_second = 1'000'000'000;

/// The system time at the start of the program plus the time elapsed on the steady clock: never
/// jumps, and is comparable between hosts with synchronised clocks.
Nanoseconds now();

inline Nanoseconds to_nanoseconds(std::chrono::duration<double> time) {
  return static_cast<Nanoseconds>(time.count() * 1e9);
}

inline std::chrono::duration<double> to_seconds(Nanoseconds time) {
  return std::chrono::duration<double>(static_cast<double>(time) / 1e9);
}

}  // namespace bench
