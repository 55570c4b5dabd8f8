#include "net/opening/connect_checks.h"

#include <string>

#include "session/topic_map.h"

namespace broker {
namespace {

using mqtt::ReasonCode;
using enum Refusal::Told;

MaybeRefusal check_version(const mqtt::Connect& packet, const ListenerConfig& listener) {
  const AcceptedVersions& accepted = listener.accepted_versions;
  const bool taken = packet.version == mqtt::ProtocolVersion::v5     ? accepted.v5
                     : packet.version == mqtt::ProtocolVersion::v311 ? accepted.v311
                                                                     : accepted.v31;
  if (taken) return {};
  return Refusal{ReasonCode::unsupported_protocol_version,
                 "protocol version not accepted by the listener"};
}

MaybeRefusal check_will(const mqtt::Will& will, const Config& config,
                        const ListenerConfig& listener) {
  if (will.topic.starts_with("$CONTROL/"))
    return Refusal{ReasonCode::topic_name_invalid, "a Will to $CONTROL", nothing};
  if (will.qos > listener.max_qos) {  // [MQTT-3.2.2-12]
    return Refusal{ReasonCode::qos_not_supported, "QoS of the Will above the listener's maximum",
                   in_v5};
  }
  if (will.retain && !config.delivery.retain_available) {  // [MQTT-3.2.2-13]
    return Refusal{ReasonCode::retain_not_supported, "a retained Will, and retain is not available",
                   in_v5};
  }
  std::string scratch;
  if (!TopicMap(listener.mount_point).to_local(will.topic, scratch)) {
    return Refusal{ReasonCode::topic_name_invalid,
                   "topic of the Will too long below the mount point", in_v5};
  }
  const std::uint32_t limit = config.limits.message_size_limit_bytes;
  if (limit != 0 && will.payload.size() > limit)
    return Refusal{ReasonCode::packet_too_large, "Will above message_size_limit"};
  return {};
}

/// Any identifier that is text will do. [MQTT-3.1.3-5] [MQTT-3.1.3-8] [MQTT311-3.1.3-9]
MaybeRefusal check_client_id(const mqtt::Connect& packet, const Config& config,
                             const ListenerConfig& listener) {
  if (!packet.client_id.empty() || listener.use_username_as_clientid) return {};
  // 3.1 has no empty identifiers; 3.1.1 only for sessions that end with their connection.
  const bool is_v5 = mqtt::is_v5(packet.version);
  const bool allowed =
      is_v5 || (packet.version == mqtt::ProtocolVersion::v311 && packet.clean_start);
  if (!allowed) {
    return Refusal{ReasonCode::client_identifier_not_valid,
                   "an empty client identifier needs a clean session"};
  }
  if (config.allows_zero_length_clientid(listener)) return {};
  return Refusal{is_v5 ? ReasonCode::unspecified_error : ReasonCode::client_identifier_not_valid,
                 "empty client identifiers are not allowed"};
}

MaybeRefusal check_keep_alive(const mqtt::Connect& packet, const Config& config) {
  const std::uint16_t maximum = config.limits.max_keepalive_s;
  if (maximum == 0 || mqtt::is_v5(packet.version)) return {};  // v5 clients are told another value
  if (packet.keep_alive_s != 0 && packet.keep_alive_s <= maximum) return {};
  return Refusal{ReasonCode::client_identifier_not_valid, "keep alive above max_keepalive"};
}

}  // namespace

MaybeRefusal check_connect(const mqtt::Connect& packet, const Config& config,
                           const ListenerConfig& listener) {
  if (const MaybeRefusal refusal = check_version(packet, listener)) return refusal;
  if (packet.will) {
    if (const MaybeRefusal refusal = check_will(*packet.will, config, listener)) return refusal;
  }
  if (const MaybeRefusal refusal = check_client_id(packet, config, listener)) return refusal;
  return check_keep_alive(packet, config);
}

}  // namespace broker
