// PUBLISH, MQTT 5.0 section 3.3: the hot path. Nothing is copied, nothing allocated.
#include "decode_parts.h"
#include "topic_scan.h"

namespace mqtt {

Decoded<Publish> decode_publish(const Frame& frame, ProtocolVersion version) {
  Publish packet;
  const unsigned qos = frame.first_byte >> 1 & 0x03U;
  packet.dup = (frame.first_byte & 0x08U) != 0;
  packet.retain = (frame.first_byte & 0x01U) != 0;
  packet.qos = static_cast<QoS>(qos);
  if (qos == 3) return malformed_packet("QoS is 3");                           // [MQTT-3.3.1-4]
  if (qos == 0 && packet.dup) return malformed_packet("DUP is set at QoS 0");  // [MQTT-3.3.1-2]

  WireReader in(frame.body);
  packet.topic = in.text();                                // [MQTT-3.3.2-1]
  if (qos != 0) packet.packet_id = in.two_byte_integer();  // [MQTT-2.2.1-2]
  if (!in.ok()) return malformed_packet("packet ends within its variable header");
  if (qos != 0 && packet.packet_id == 0) {
    return protocol_error("packet identifier is 0");  // [MQTT-2.2.1-3] [MQTT-2.2.1-4]
  }

  bool has_alias = false;
  if (is_v5(version)) {
    const auto properties = read_properties(in, PropertyContext::publish);
    if (!properties) return tl::unexpected(properties.error());
    packet.properties = properties->properties;
    has_alias = properties->contains(PropertyId::topic_alias);
  }
  if (!packet.topic.empty() || !has_alias) {
    const TopicFault fault = topic_name_fault(packet.topic);  // [MQTT-3.3.2-1] [MQTT-3.3.2-2]
    if (fault != TopicFault::none) return malformed_packet(describe(fault));
  }
  packet.payload = in.rest();
  return packet;
}

}  // namespace mqtt
