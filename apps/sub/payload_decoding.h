#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "mqtt/protocol/property.h"

namespace sub {

/// What a payload is to be decoded from (--decode).
enum class PayloadCoding : std::uint8_t {
  cbor,       ///< to JSON
  msgpack,    ///< to JSON
  hex,        ///< to the bytes that the digits stand for
  base64,     ///< to the bytes, either alphabet, padded or not
  automatic,  ///< CBOR and MessagePack to JSON, everything else as it is
};

/// Nesting deeper than this is refused: the decoders go down into it.
inline constexpr std::size_t most_nested = 256;

/// The coding that is called `name` on the command line.
tl::expected<PayloadCoding, std::string> payload_coding(const std::string& name);

/// What `payload` is when it is decoded. `properties` are the message's, whose content type
/// `automatic` believes. The error says what is wrong with the payload.
tl::expected<std::string, std::string> decode_payload(PayloadCoding coding,
                                                      std::string_view payload,
                                                      const mqtt::Properties& properties);

}  // namespace sub
