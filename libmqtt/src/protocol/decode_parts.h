#pragma once

#include <cstdint>

#include "malformed_result.h"
#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/property_validation.h"
#include "wire_reader.h"

/// What the decoders of several packets have in common.
namespace mqtt {

/// Bodies of more than this are refused even where the limit on packets in general is higher: such
/// packets have no use for more.
inline constexpr std::size_t max_request_size = 100'000;  ///< CONNECT; v5: AUTH, (UN)SUBSCRIBE
inline constexpr std::size_t max_answer_size = 10'000;    ///< v5: acknowledgements, DISCONNECT

inline tl::unexpected<Malformed> too_large_for_its_kind() {
  return unanswerable("packet is larger than its kind ever needs to be",
                      ReasonCode::packet_too_large);
}

/// Whether the reserved flags of the fixed header are as they must be [MQTT-2.1.3-1]. MQTT 3.1 does
/// not reserve them: there the bits are DUP, QoS and RETAIN in every packet, and mean nothing.
inline bool has_right_flags(const Frame& frame, ProtocolVersion version, std::uint8_t flags = 0) {
  return frame.flags() == flags || version == ProtocolVersion::v31;
}

/// Flags of PUBREL, SUBSCRIBE and UNSUBSCRIBE.
inline constexpr std::uint8_t flags_of_requests = 0b0010;

inline tl::unexpected<Malformed> wrong_flags() {
  return malformed_packet("reserved flags of the fixed header are set");
}

/// A property block with its length before it.
inline tl::expected<ValidatedProperties, Malformed> read_properties(WireReader& in,
                                                                    PropertyContext context) {
  const std::size_t size = in.variable_byte_integer();
  const ByteView block = in.take(size);
  if (!in.ok()) return malformed_packet("properties are cut off");
  return block.empty() ? ValidatedProperties{} : validate_properties(block, context);
}

}  // namespace mqtt
