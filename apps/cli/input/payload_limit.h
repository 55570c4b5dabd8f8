#pragma once

#include <cstddef>

namespace cli {

/// The largest payload that fits into an MQTT packet.
inline constexpr std::size_t max_payload_bytes = 268'435'455;

}  // namespace cli
