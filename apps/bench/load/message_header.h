#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/load/clock.h"
#include "mqtt/protocol/bytes.h"

namespace bench {

/// The header of every message, the first 32 bytes of its payload.
struct MessageHeader {
  static constexpr std::size_t size = 32;

  std::uint32_t run = 0;       ///< distinguishes messages of other runs
  std::uint32_t sender = 0;    ///< number of the publisher within the run
  std::uint64_t sequence = 0;  ///< 0, 1, 2... per publisher
  Nanoseconds time = 0;        ///< when it was sent; open loop: when it was due
  bool measured = false;       ///< sent in the measured part of the run, not in the warm-up

  bool operator==(const MessageHeader&) const = default;
};

/// A checksum that detects a changed, moved or missing word; about eight bytes per cycle.
std::uint64_t checksum(mqtt::ByteView bytes);

/// The part of the header's checksum that covers topic and filler, known to both sides. The
/// publisher computes it once for all messages that share both.
std::uint64_t surroundings(std::string_view topic, mqtt::ByteView filler);

/// Writes the header into the first bytes of `payload`, which must be long enough.
void write_header(const MessageHeader& header, std::uint64_t surroundings,
                  mqtt::MutableByteView payload);

enum class HeaderFault : std::uint8_t {
  foreign,    ///< not a message of this program
  corrupted,  ///< a message of this program whose topic, header or filler has changed
};

struct ReadHeader {
  MessageHeader header;
  std::optional<HeaderFault> fault;  ///< set: `header` is not valid
};

ReadHeader read_header(std::string_view topic, mqtt::ByteView payload);

}  // namespace bench
