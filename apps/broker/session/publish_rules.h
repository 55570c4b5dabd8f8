#pragma once

#include <string_view>

#include "message/message.h"
#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/reason_code.h"
#include "session/session_core.h"

namespace broker {

/// Whether a topic that begins with `$` belongs to the broker: a client may not publish there.
bool is_reserved(std::string_view topic);

/// What a message of the client's, or its Will, is refused for without asking anyone; success: for
/// nothing. 3.x clients cannot be told: they get the acknowledgement all the same.
/// [MQTT311-3.3.5-2]
inline mqtt::ReasonCode refusal(const SessionCore& session, const MessageView& message) {
  const std::uint32_t limit = session.config().limits.message_size_limit_bytes;
  if (limit != 0 && message.payload.size() > limit) return mqtt::ReasonCode::packet_too_large;
  const std::string_view topic = message.topic.text();
  if (topic.starts_with('$') && is_reserved(topic)) return mqtt::ReasonCode::not_authorized;
  return mqtt::ReasonCode::success;
}

/// As whom the client publishes a message that is to be retained, where somebody is going to ask
/// later (check_retain_source); otherwise empty. In the worker's scratch: good until its next
/// message.
mqtt::ByteView origin_of(SessionCore& session, bool retain);

}  // namespace broker
