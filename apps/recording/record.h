#pragma once

#include <chrono>
#include <cstdint>

#include "mqtt/protocol/packet.h"

namespace recording {

/// One message of a recording. What its views point to belongs to whoever handed it out.
struct Record {
  /// When it came: since 1970, UTC. Within a part it never goes backwards.
  std::chrono::nanoseconds time{0};
  mqtt::Publish message;
  /// Which of several recordings in a row: 0, 1, ... Times of two parts have nothing in common.
  std::uint32_t part = 0;
};

}  // namespace recording
