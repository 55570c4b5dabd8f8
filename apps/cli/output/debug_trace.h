#pragma once

#include <functional>
#include <string>

#include "mqtt/protocol/client_session.h"
#include "mqtt/protocol/version.h"

namespace cli {

/// Appends the lines of -d for one packet to `out`: "Client <id> sending PUBLISH (...)".
/// `client_id` empty: the broker has not chosen one yet.
void append_debug_lines(std::string& out, const std::string& client_id,
                        mqtt::ClientSession::Direction direction, const mqtt::Frame& frame,
                        mqtt::ProtocolVersion version);

}  // namespace cli
