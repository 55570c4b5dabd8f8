#pragma once

#include <array>

#include "mqtt/protocol/frame_reader.h"

namespace broker {

class Connection;

/// What a packet does on a connection that has been let in.
using PacketHandler = void (*)(Connection& connection, const mqtt::Frame& frame);

/// A handler for each packet type: which packets are allowed, and what they mean.
using PacketGate = std::array<PacketHandler, 16>;

/// Of a connection that a client has opened.
extern const PacketGate client_gate;

/// DISCONNECT of a client, also during its authentication.
void handle_disconnect(Connection& connection, const mqtt::Frame& frame);
/// A packet that breaks the rules wherever it comes.
void handle_unexpected(Connection& connection, const mqtt::Frame& frame);

}  // namespace broker
