#pragma once

#include <cstdint>
#include <tl/expected.hpp>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/malformed.h"
#include "mqtt/protocol/property.h"

namespace mqtt {

/// A valid property block, and the set of its properties.
struct ValidatedProperties {
  Properties properties;
  std::uint64_t present = 0;  ///< bit n: the property with identifier n (all are below 64)

  bool contains(PropertyId id) const { return (present >> static_cast<unsigned>(id) & 1U) != 0; }
};

/// Checks a property block of `context` (without its length prefix) in one pass: identifiers,
/// encodings and texts (Malformed Packet); context, repetition and values (Protocol Error). The
/// result is a view of `block`.
tl::expected<ValidatedProperties, Malformed> validate_properties(ByteView block,
                                                                 PropertyContext context);

}  // namespace mqtt
