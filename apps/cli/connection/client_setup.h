#pragma once

#include <string>

#include "cli/connection/connection_options.h"
#include "mqtt/client/client.h"

namespace cli {

/// What the flags mean to the client: endpoint, CONNECT, will, window. Without reconnecting.
mqtt::client::ClientOptions client_options(const ConnectionOptions& options);

/// The broker as messages name it: "host:1883", "[::1]:1883", "_mqtt._tcp.domain" or a socket's
/// path.
std::string broker_name(const ConnectionOptions& options);

/// How a tool ends that could not, or cannot, go on.
struct FinalWord {
  int status = 0;
  std::string message;  ///< one or more lines for stderr; empty: nothing to say
};

/// What the end of a connection means for the run. `was_connected`: CONNACK had arrived on it.
FinalWord final_word(const mqtt::client::ConnectionEnd& end, const ConnectionOptions& options,
                     bool was_connected);

/// "Not authorized", and the broker's reason string behind it if it sent one: a name as the
/// standard spells it, for the lines that scripts know ("Connection error: ...", "Publish 1 failed:
/// ...").
std::string reason_name(mqtt::ReasonCode reason, mqtt::PacketType in, mqtt::Properties properties);
/// The same for sentences of our own, in their spelling: "Not authorised".
std::string reason_text(mqtt::ReasonCode reason, mqtt::PacketType in, mqtt::Properties properties);

}  // namespace cli
