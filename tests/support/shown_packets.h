#pragma once

#include <string>

#include "mqtt/protocol/packet.h"

namespace test {

/// A packet as a reader of a failed test wants to see it, on one line:
/// `PUBLISH 'a/b' QoS 1 id 7 retain payload 'hello' {message-expiry-interval 60}`.
std::string text_of(const mqtt::Packet& packet);

/// The packets that stand in `bytes`, one per line, as `version` reads them; what cannot be decoded
/// is given in hexadecimal with the reason.
std::string text_of(mqtt::ByteView bytes, mqtt::ProtocolVersion version);

/// "10 0e 00 04", cut after the first few hundred bytes.
std::string hex_of(mqtt::ByteView bytes);

}  // namespace test
