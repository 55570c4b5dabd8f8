#pragma once

#include <algorithm>
#include <cstdint>

namespace mqtt {

enum class QoS : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

constexpr QoS min(QoS a, QoS b) {
  return std::min(a, b);
}

}  // namespace mqtt
