#pragma once

#include <cstdint>
#include <limits>

#include "bench/load/clock.h"

namespace bench {

/// The timetable of an open loop: when the n-th message of the run is due, as pure arithmetic.
///
/// Messages are dealt to the senders in turn, so that their sending is spread evenly: message n is
/// the (n / senders)-th of sender n % senders. While the ramp lasts, the rate rises linearly. Those
/// that belong into the same `grain` of time are due together, at its beginning: to wake for each
/// of them would cost the generator more than to send it.
class Pacer {
 public:
  static constexpr Nanoseconds grain = 100'000;
  static constexpr Nanoseconds never = std::numeric_limits<Nanoseconds>::max();

  struct Settings {
    double per_second = 1;  ///< all senders together, after the ramp; more than 0
    std::uint32_t senders = 1;
    Nanoseconds start = 0;
    Nanoseconds ramp = 0;
    Nanoseconds end = never;  ///< nothing is due from then on
  };

  explicit Pacer(const Settings& settings);

  /// `never` if it does not belong to the run any more.
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
  double in_ramp_;   ///< messages that are due before the ramp is over
};

}  // namespace bench
