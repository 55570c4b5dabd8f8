#pragma once

#include <vector>

#include "mqtt/protocol/packet.h"
#include "probe/report.h"

namespace probe {

/// What the broker announces in an MQTT 5 CONNACK, with the standard's defaults for missing
/// properties. The CONNECT requested a session that never expires, and response information.
std::vector<Finding> announcements(const mqtt::Connack& connack);

}  // namespace probe
