// PINGREQ and PINGRESP: MQTT 5.0 sections 3.12 and 3.13.
#include "decode_parts.h"

namespace mqtt {

Decoded<Pingreq> decode_pingreq(const Frame& frame, ProtocolVersion version) {
  if (!has_right_flags(frame, version)) return wrong_flags();
  if (!frame.body.empty()) return unanswerable("PINGREQ of wrong length");
  return Pingreq{};
}

Decoded<Pingresp> decode_pingresp(const Frame& frame, ProtocolVersion version) {
  if (!has_right_flags(frame, version)) return wrong_flags();
  if (!frame.body.empty()) return malformed_packet("PINGRESP of wrong length");
  return Pingresp{};
}

}  // namespace mqtt
