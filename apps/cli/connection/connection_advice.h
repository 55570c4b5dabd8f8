#pragma once

#include <string>

#include "cli/connection/connection_options.h"
#include "mqtt/client/client.h"

namespace cli {

/// What is worth trying after a connection, or an attempt to make one, has ended like this: a
/// sentence; empty where nothing is likely. `was_connected`: CONNACK had arrived on it.
std::string connection_advice(const mqtt::client::ConnectionEnd& end,
                              const ConnectionOptions& options, bool was_connected);

}  // namespace cli
