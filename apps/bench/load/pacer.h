#pragma once

#include <cstdint>

#include "bench/load/clock.h"

namespace bench {

/// The timetable of an open loop: when the n-th message of the run is due, as pure arithmetic.
///
/// Messages are dealt to the senders in turn, so that their sending is spread evenly: message n is
/// the (n / senders)-th of sender n % senders. While the ramp lasts, the rate rises linearly.
class Pacer {
 public:
  struct Settings {
    double per_second = 1;  ///< all senders together, after the ramp; more than 0
    std::uint32_t senders = 1;
    Nanoseconds start = 0;
    Nanoseconds ramp = 0;
  };

  explicit Pacer(const Settings& settings);

  Nanoseconds due(std::uint64_t message) const;
  /// Of the `turn`-th message of `sender`.
  Nanoseconds due(std::uint32_t sender, std::uint64_t turn) const {
    return due(turn * senders_ + sender);
  }

 private:
  std::uint32_t senders_;
  Nanoseconds start_;
  double interval_;  ///< ns between messages at full rate
  double ramp_;      ///< ns
  double in_ramp_;   ///< messages that are due before the ramp is over
};

}  // namespace bench
