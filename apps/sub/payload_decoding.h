#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "mqtt/protocol/property.h"

namespace sub {

/// The encoding of a payload (--decode).
enum class PayloadCoding : std::uint8_t {
  cbor,       ///< to JSON
  msgpack,    ///< to JSON
  hex,        ///< to bytes
  base64,     ///< to bytes; either alphabet, padded or not
  automatic,  ///< CBOR and MessagePack to JSON, everything else unchanged
};

/// The maximum nesting: the decoders are recursive.
inline constexpr std::size_t most_nested = 256;

/// The coding called `name` on the command line.
tl::expected<PayloadCoding, std::string> payload_coding(const std::string& name);

/// Decodes `payload`. `properties` are the message's; `automatic` trusts their content type. The
/// error says what is wrong with the payload.
tl::expected<std::string, std::string> decode_payload(PayloadCoding coding,
                                                      std::string_view payload,
                                                      const mqtt::Properties& properties);

}  // namespace sub
