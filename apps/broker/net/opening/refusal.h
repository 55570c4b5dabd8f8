#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mqtt/protocol/reason_code.h"

namespace broker {

/// Why a CONNECT is not accepted.
struct Refusal {
  /// Whether the client gets a CONNACK that says so.
  enum class Told : std::uint8_t {
    always,
    in_v5,  ///< 3.x has no return code for it
    nothing,
  };
  mqtt::ReasonCode reason = mqtt::ReasonCode::unspecified_error;
  std::string_view why = {};  ///< static text for the log; empty: `reason` says it
  Told told = Told::always;
};

/// nullopt: nothing is wrong.
using MaybeRefusal = std::optional<Refusal>;

}  // namespace broker
