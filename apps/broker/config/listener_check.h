#pragma once

#include <vector>

#include "config/config.h"
#include "config/config_error.h"

namespace broker {

/// What is wrong with the keys of `listener` together, once all of them have been read: those that
/// need or exclude each other. `notes` gets warnings of keys that have no effect, and of a listener
/// that accepts no client.
std::vector<ConfigError> check_listener(const Config& config, const ListenerConfig& listener,
                                        std::vector<ConfigNote>& notes);

}  // namespace broker
