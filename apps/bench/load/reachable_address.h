#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "mqtt/client/endpoint.h"

namespace bench {

/// Looks the host's name (or its service) up, once for all connections, and finds out which of its
/// addresses accepts a connection: `endpoint` with that address for a host (its name is kept for
/// TLS and WebSocket). Tries again for as long as `patience`. Blocks.
tl::expected<mqtt::client::Endpoint, std::string> reachable(mqtt::client::Endpoint endpoint,
                                                            std::chrono::milliseconds patience);

}  // namespace bench
