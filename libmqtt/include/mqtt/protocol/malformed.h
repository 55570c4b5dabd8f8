#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/protocol/reason_code.h"

namespace mqtt {

/// Why bytes from the peer are not a valid packet: the error of decoding.
struct Malformed {
  /// The reply to the peer before the connection is closed.
  enum class Reply : std::uint8_t {
    in_kind,     ///< v5: DISCONNECT (CONNACK for a CONNECT) with `reason`; 3.x: none
    none,        ///< no reply: the bytes are not MQTT, or its version cannot be determined
    connack_v3,  ///< CONNECT only: CONNACK in the form of 3.1.1
    connack_v5,  ///< CONNECT only: CONNACK in the form of 5.0
  };

  ReasonCode reason = ReasonCode::malformed_packet;
  /// The error, for logs: static text, such as "packet identifier is 0".
  std::string_view detail;
  Reply reply = Reply::in_kind;
};

}  // namespace mqtt
