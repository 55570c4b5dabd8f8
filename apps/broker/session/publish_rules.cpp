#include "session/publish_rules.h"

#include <string_view>

#include "mqtt/protocol/topic.h"
#include "session/message_origin.h"

namespace broker {
namespace {

bool is_bridge_state(std::string_view topic) {
  return mqtt::matches("$SYS/broker/connection/+/state", topic);
}

/// Topics that belong to the broker: a client may not publish there.
bool is_reserved(std::string_view topic) {
  if (!topic.starts_with('$')) return false;
  return topic.starts_with("$share") || (topic.starts_with("$SYS") && !is_bridge_state(topic));
}

}  // namespace

mqtt::ReasonCode refusal(const SessionCore& session, const MessageView& message) {
  const std::uint32_t limit = session.config().limits.message_size_limit_bytes;
  if (limit != 0 && message.payload.size() > limit) return mqtt::ReasonCode::packet_too_large;
  if (is_reserved(message.topic.text())) return mqtt::ReasonCode::not_authorized;
  return mqtt::ReasonCode::success;
}

mqtt::ByteView origin_of(SessionCore& session, bool retain) {
  if (!retain || !session.config().delivery.check_retain_source) return {};
  auto& bytes = session.context.scratch.origin;
  MessageOrigin{session.client_id(), session.user_name(), name(session.listener_config())}.write_to(
      bytes);
  return bytes;
}

}  // namespace broker
