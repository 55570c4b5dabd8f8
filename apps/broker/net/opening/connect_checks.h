#pragma once

#include "config/config.h"
#include "mqtt/protocol/packet.h"
#include "net/opening/refusal.h"

namespace broker {

/// Whether a CONNECT fits the listener it came to, as far as the packet itself shows: version, Will,
/// client identifier, keep alive.
MaybeRefusal check_connect(const mqtt::Connect& packet, const Config& config,
                           const ListenerConfig& listener);

}  // namespace broker
