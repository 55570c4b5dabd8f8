#pragma once

#include <vector>

#include "mqtt/protocol/packet.h"
#include "probe/report.h"

namespace probe {

/// What the CONNACK of MQTT 5 says about the broker, with the defaults of the standard where it
/// says nothing. A session that never expires, and response information, were asked for.
std::vector<Finding> announcements(const mqtt::Connack& connack);

}  // namespace probe
