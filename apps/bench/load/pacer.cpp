#include "bench/load/pacer.h"

#include <cmath>

namespace bench {

Pacer::Pacer(const Settings& settings)
    : senders_(settings.senders),
      start_(settings.start),
      end_(settings.end),
      interval_(static_cast<double>(nanoseconds_per_second) / settings.per_second),
      ramp_(static_cast<double>(settings.ramp)),
      in_ramp_(ramp_ / interval_ / 2) {}

Nanoseconds Pacer::due(std::uint64_t message) const {
  const auto number = static_cast<double>(message);
  // In the ramp, t ns after its start, t^2 / (2 * ramp * interval) messages have been due.
  const double time = number < in_ramp_ ? std::sqrt(2 * ramp_ * interval_ * number)
                                        : ramp_ + (number - in_ramp_) * interval_;
  const Nanoseconds due = start_ + static_cast<Nanoseconds>(time) / grain * grain;
  return due < end_ ? due : never;
}

}  // namespace bench
