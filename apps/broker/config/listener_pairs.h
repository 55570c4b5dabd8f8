#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "config/config.h"

namespace broker {

/// For each listener of a newly read configuration: the index of the running one that it continues,
/// or nullopt if it is new. They are the same if port and host (or path) are written alike; several
/// with the same ones are matched in their order.
std::vector<std::optional<std::size_t>> continued_listeners(std::span<const ListenerConfig> running,
                                                            std::span<const ListenerConfig> fresh);

/// Whether two listeners name the same port and host, or path.
bool same_address(const ListenerConfig& a, const ListenerConfig& b);

/// Whether the listener has to be closed and opened anew to become `fresh`: another protocol is
/// spoken on it, or it has other sockets.
bool needs_reopening(const ListenerConfig& running, const ListenerConfig& fresh);

}  // namespace broker
