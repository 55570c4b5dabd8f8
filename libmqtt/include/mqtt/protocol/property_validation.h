#pragma once

#include <cstdint>
#include <tl/expected.hpp>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/malformed.h"
#include "mqtt/protocol/property.h"

namespace mqtt {

/// A property block that has passed, and which properties are in it.
struct ValidatedProperties {
  Properties properties;
  std::uint64_t present = 0;  ///< bit n: the property with identifier n (all are below 64)

  bool contains(PropertyId id) const { return (present >> static_cast<unsigned>(id) & 1U) != 0; }
};

/// Checks a property block (without its length prefix) that stands in `place`, in one pass:
/// identifiers, encodings and texts (Malformed Packet); place, repetition and values (Protocol
/// Error). The result is a view of `block`.
tl::expected<ValidatedProperties, Malformed> validate_properties(ByteView block,
                                                                 PropertyPlace place);

}  // namespace mqtt
