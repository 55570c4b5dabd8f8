#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

/// Nanoseconds: points in time count from a fixed one in the past.
using Nanoseconds = std::uint64_t;

inline constexpr Nanoseconds nanoseconds_per_second = 1'000'000'000;

/// The system's time when the program started, plus what has passed since on the steady clock:
/// never jumps, and means the same on two hosts whose clocks agree.
Nanoseconds now();

inline Nanoseconds to_nanoseconds(std::chrono::duration<double> time) {
  return static_cast<Nanoseconds>(time.count() * 1e9);
}

inline std::chrono::duration<double> to_seconds(Nanoseconds time) {
  return std::chrono::duration<double>(static_cast<double>(time) / 1e9);
}

}  // namespace bench
