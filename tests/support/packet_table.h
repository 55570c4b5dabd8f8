#pragma once

#include <string>
#include <vector>

#include "mqtt/protocol/malformed.h"
#include "mqtt/protocol/version.h"

/// The one table of packets: what bytes mean, or why they are refused. Tests of decoding, encoding
/// and framing read it, and the seeds of the fuzz targets are made of it.
namespace packet_table {

/// Protocol versions as a set: bit n stands for version n.
using Versions = unsigned;
inline constexpr Versions v31 = 1U << 3;
inline constexpr Versions v311 = 1U << 4;
inline constexpr Versions v5 = 1U << 5;
inline constexpr Versions v3 = v31 | v311;
inline constexpr Versions all = v3 | v5;

inline bool contains(Versions versions, mqtt::ProtocolVersion version) {
  return (versions >> static_cast<unsigned>(version) & 1U) != 0;
}

struct Verdict {
  bool accepted = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< refused: Malformed::reason
  mqtt::Malformed::Reply reply = mqtt::Malformed::Reply::in_kind;
};

struct Row {
  std::string name;
  Versions versions;
  std::string bytes;  ///< one whole packet, in BytesNotation
  Verdict verdict;
  std::string text;  ///< accepted: the packet, as packet_text::to_text writes it
  /// Accepted: what encoding it gives, in BytesNotation, if that is shorter than `bytes`.
  std::string shortest = {};
};

/// All rows: those written by hand, and one for every property in every context.
const std::vector<Row>& rows();

}  // namespace packet_table
