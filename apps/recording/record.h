#pragma once

#include <chrono>
#include <cstdint>

#include "mqtt/protocol/packet.h"

namespace recording {

/// One message of a recording. Its views point into its source.
struct Record {
  /// The time of arrival since 1970, UTC. Never decreases within a part.
  std::chrono::nanoseconds time{0};
  mqtt::Publish message;
  /// The index of the recording in a file with several: 0, 1, ... Their times are unrelated.
  std::uint32_t part = 0;
};

}  // namespace recording
