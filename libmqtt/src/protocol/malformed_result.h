#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "mqtt/protocol/malformed.h"

/// The three ways in which bytes are refused, as the error of a `Decoded<T>`.
namespace mqtt {

/// The bytes do not parse. MQTT 5.0 section 4.13.
inline tl::unexpected<Malformed> malformed_packet(std::string_view detail) {
  return tl::unexpected(Malformed{ReasonCode::malformed_packet, detail, Malformed::Reply::in_kind});
}

/// They parse, and say what may not be said.
inline tl::unexpected<Malformed> protocol_error(std::string_view detail) {
  return tl::unexpected(Malformed{ReasonCode::protocol_error, detail, Malformed::Reply::in_kind});
}

/// The connection is to be closed without a word.
inline tl::unexpected<Malformed> unanswerable(std::string_view detail,
                                              ReasonCode reason = ReasonCode::malformed_packet) {
  return tl::unexpected(Malformed{reason, detail, Malformed::Reply::none});
}

}  // namespace mqtt
