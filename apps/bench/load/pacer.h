#pragma once

#include <cstdint>
#include <limits>

#include "bench/load/clock.h"

namespace bench {

/// The schedule of an open loop: when the n-th message of the run is due, as pure arithmetic.
///
/// Messages are assigned to the senders in turn, so that sending is spread evenly: message n is the
/// (n / senders)-th of sender n % senders. During the ramp, the rate rises linearly. Messages that
/// fall within the same `grain` of time are due together, at its beginning: waking up for each of
/// them would cost the generator more than sending it.
class Pacer {
 public:
  static constexpr Nanoseconds grain = 100'000;
  static constexpr Nanoseconds never = std::numeric_limits<Nanoseconds>::max();

  struct Settings {
    double per_second = 1;  ///< all senders together, after the ramp; more than 0
    std::uint32_t senders = 1;
    Nanoseconds start = 0;
    Nanoseconds ramp = 0;
    Nanoseconds end = never;  ///< nothing is due after it
  };

  explicit Pacer(const Settings& settings);

  /// `never` if it is after the end of the run.
  Nanoseconds due(std::uint64_t message) const;
  /// Of the `turn`-th message of `sender`.
  Nanoseconds due(std::uint32_t sender, std::uint64_t turn) const {
    return due(turn * senders_ + sender);
  }

 private:
  std::uint32_t senders_;
  Nanoseconds start_;
  Nanoseconds end_;
  double interval_;  ///< ns between messages at full rate
  double ramp_;      ///< ns
  double in_ramp_;   ///< messages due before the end of the ramp
};

}  // namespace bench
