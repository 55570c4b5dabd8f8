#include "session/publish_rules.h"

#include <string_view>

#include "mqtt/protocol/topic.h"
#include "session/message_origin.h"

namespace broker {
namespace {

bool is_bridge_state(std::string_view topic) {
  return mqtt::matches("$SYS/broker/connection/+/state", topic);
}

}  // namespace

bool is_reserved(std::string_view topic) {
  return topic.starts_with("$share") || (topic.starts_with("$SYS") && !is_bridge_state(topic));
}

mqtt::ByteView origin_of(SessionCore& session, bool retain) {
  if (!retain || !session.config().delivery.check_retain_source) return {};
  auto& bytes = session.context.scratch.origin;
  MessageOrigin{session.client_id(), session.user_name(), name(session.listener_config())}.write_to(
      bytes);
  return bytes;
}

}  // namespace broker
