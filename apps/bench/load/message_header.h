#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/load/clock.h"
#include "mqtt/protocol/bytes.h"

namespace bench {

/// What every message says of itself, in the first 32 bytes of its payload.
struct MessageHeader {
  static constexpr std::size_t size = 32;

  std::uint32_t run = 0;       ///< messages of other runs are told apart by it
  std::uint32_t sender = 0;    ///< number of the publisher within the run
  std::uint64_t sequence = 0;  ///< 0, 1, 2... per publisher
  Nanoseconds time = 0;        ///< when it was sent; open loop: when it was due
  bool measured = false;       ///< sent in the measured part of the run, not in the warm-up

  bool operator==(const MessageHeader&) const = default;
};

/// A sum over bytes that tells a changed, moved or missing word; about eight bytes per cycle.
std::uint64_t checksum(mqtt::ByteView bytes);

/// What a publisher and a receiver know besides the header, and the header's checksum covers: topic
/// and filler. The publisher computes it once for all messages that share both.
std::uint64_t surroundings(std::string_view topic, mqtt::ByteView filler);

/// Writes the header into the first bytes of `payload`, which has room for it.
void write_header(const MessageHeader& header, std::uint64_t surroundings,
                  mqtt::MutableByteView payload);

enum class HeaderFault : std::uint8_t {
  foreign,    ///< no message of this program
  corrupted,  ///< it was one: the topic, the header or the filler has changed
};

struct ReadHeader {
  MessageHeader header;
  std::optional<HeaderFault> fault;  ///< set: `header` is not to be trusted
};

ReadHeader read_header(std::string_view topic, mqtt::ByteView payload);

}  // namespace bench
