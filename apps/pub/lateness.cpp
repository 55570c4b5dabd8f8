#include "pub/lateness.h"

#include <algorithm>

namespace pub {

void Lateness::add(std::chrono::nanoseconds late) {
  const auto rounded = std::max(std::chrono::duration_cast<std::chrono::microseconds>(late),
                                std::chrono::microseconds(0));
  ++count_;
  largest_ = std::max(largest_, rounded);
  const auto at = static_cast<std::size_t>(rounded / step);
  if (at < steps) ++counts_.at(at);
}

std::chrono::microseconds Lateness::median() const {
  std::uint64_t below = 0;
  for (std::size_t at = 0; at < steps; ++at) {
    below += counts_.at(at);
    if (2 * below >= count_)
      return std::min<std::chrono::microseconds>(step * static_cast<int>(at + 1), largest_);
  }
  return largest_;
}

}  // namespace pub
