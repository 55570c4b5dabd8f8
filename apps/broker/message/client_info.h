#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/protocol/packet.h"

namespace broker {

/// A client and how it connected, for authorisers and logs. Views into its session, valid during
/// one call.
///
/// Made on demand, so that a session stores nothing twice. The peer's address and certificate
/// belong to the connection and are not here: a session that waits for its client has neither.
struct ClientInfo {
  std::string_view id;
  std::string_view user_name;  ///< empty: none
  /// Index in Config::listeners of the listener that the client last used.
  std::uint16_t listener = 0;
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
};

}  // namespace broker
