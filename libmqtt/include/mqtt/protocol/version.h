#pragma once

#include <cstdint>

namespace mqtt {

/// Protocol versions by the protocol level of the CONNECT packet. One packet model serves all
/// three; whoever encodes or decodes says which version the connection speaks.
enum class ProtocolVersion : std::uint8_t { v31 = 3, v311 = 4, v5 = 5 };

constexpr bool is_v5(ProtocolVersion version) {
  return version == ProtocolVersion::v5;
}

}  // namespace mqtt
