#include "pub/send_rate.h"

#include <algorithm>
#include <cmath>

namespace pub {

SendPace::SendPace(double per_second) : interval_(std::llround(1e9 / per_second)) {}

std::chrono::nanoseconds SendPace::wait(Time now) const {
  return std::max(std::chrono::nanoseconds(next_ - now), std::chrono::nanoseconds(0));
}

void SendPace::sent(Time now) {
  next_ = std::max(next_ == Time() ? now : next_, now - slack) + interval_;
}

}  // namespace pub
