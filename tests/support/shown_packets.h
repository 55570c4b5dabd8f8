#pragma once

#include <string>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/version.h"

/// What a failed test shows of packets and bytes.
namespace test {

/// As packet_text::to_text.
std::string text_of(const mqtt::Packet& packet);

/// The packets that stand in `bytes`, one per line, as `version` reads them; what cannot be decoded
/// is given in hexadecimal with the reason.
std::string text_of(mqtt::ByteView bytes, mqtt::ProtocolVersion version);

/// "10 0E 00 04", cut after the first few hundred bytes.
std::string hex_of(mqtt::ByteView bytes);

}  // namespace test
