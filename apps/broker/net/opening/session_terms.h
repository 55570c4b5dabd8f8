#pragma once

#include <cstdint>

#include "config/config.h"
#include "mqtt/protocol/packet.h"
#include "session/session.h"

namespace broker {

/// What a CONNECT settles for its session. The user name and the sink are the caller's to set.
Session::Terms session_terms(const mqtt::Connect& packet, const Config& config,
                             std::uint16_t listener);

}  // namespace broker
