#pragma once

#include "message/message.h"
#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/reason_code.h"
#include "session/session_core.h"

namespace broker {

/// What a message of the client's, or its Will, is refused for without asking anyone; success: for
/// nothing. 3.x clients cannot be told: they get the acknowledgement all the same.
/// [MQTT311-3.3.5-2]
mqtt::ReasonCode refusal(const SessionCore& session, const MessageView& message);

/// As whom the client publishes a message that is to be retained, where somebody is going to ask
/// later (check_retain_source); otherwise empty. In the worker's scratch: good until its next
/// message.
mqtt::ByteView origin_of(SessionCore& session, bool retain);

}  // namespace broker
