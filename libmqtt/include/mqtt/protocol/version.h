#pragma once

#include <cstdint>

namespace mqtt {

/// Protocol versions, with the values of the protocol level in CONNECT. All three share one packet
/// model; encoding and decoding take the connection's version as an argument.
enum class ProtocolVersion : std::uint8_t { v31 = 3, v311 = 4, v5 = 5 };

constexpr bool is_v5(ProtocolVersion version) {
  return version == ProtocolVersion::v5;
}

}  // namespace mqtt
