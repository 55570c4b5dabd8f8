#pragma once

#include <string>

#include "mqtt/protocol/reason_code.h"

namespace broker {

/// The words for `reason` at the end of `Client ID [ADDRESS:PORT] disconnected: REASON.`: lower
/// case, and those of Mosquitto, as programs look for them.
std::string closing_reason(mqtt::ReasonCode reason);

}  // namespace broker
