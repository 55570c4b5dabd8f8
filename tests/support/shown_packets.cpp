#include "support/shown_packets.h"

#include <fmt/format.h>

#include <algorithm>

#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"
#include "support/packet_text.h"

namespace test {
namespace {

constexpr std::size_t longest_shown = 300;

}  // namespace

std::string text_of(const mqtt::Packet& packet) {
  return packet_text::to_text(packet);
}

std::string text_of(mqtt::ByteView bytes, mqtt::ProtocolVersion version) {
  std::string text;
  while (!bytes.empty()) {
    const auto result = mqtt::decode(bytes, version, mqtt::max_encodable_size);
    if (!text.empty()) text += "\n";
    if (const auto* decoded = std::get_if<mqtt::DecodedPacket>(&result)) {
      text += text_of(decoded->packet);
      bytes = bytes.subspan(decoded->size);
      continue;
    }
    const auto* malformed = std::get_if<mqtt::Malformed>(&result);
    text += fmt::format("{} ({})", hex_of(bytes),
                        malformed != nullptr ? malformed->detail : "not a whole packet");
    break;
  }
  return text.empty() ? "nothing" : text;
}

std::string hex_of(mqtt::ByteView bytes) {
  const std::size_t shown = std::min(bytes.size(), longest_shown);
  std::string text = fmt::format("{:02X}", fmt::join(bytes.first(shown), " "));
  if (shown < bytes.size()) text += fmt::format(" ... ({} bytes)", bytes.size());
  return text;
}

}  // namespace test
