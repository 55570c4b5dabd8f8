#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mqtt/protocol/packet.h"
#include "session/absence.h"
#include "session/incoming.h"
#include "session/outgoing.h"
#include "session/subscription_set.h"

namespace broker {

/// All that a session is, as a plain value: no worker, no connection, no timer. What a session is
/// frozen into and thawed from, on any worker: the one form for a restart, a move and a failover.
///
/// Messages are shared, not copied. Deadlines are in Millis of the broker's clock, like those of
/// messages; whoever writes them where they outlive the process writes wall time.
struct SessionState {
  std::string client_id;
  std::string user_name;    ///< empty: none
  std::string mount_point;  ///< empty: none
  std::uint16_t listener = 0;
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
  bool bridge = false;
  std::uint32_t expiry_interval_s = 0;  ///< UINT32_MAX: never

  SubscriptionSet subscriptions;
  std::vector<Incoming::Held> incoming;
  Outgoing::State outgoing;
  Absence::State absence;
};

}  // namespace broker
