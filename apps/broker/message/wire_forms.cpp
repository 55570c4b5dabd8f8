#include "message/wire_forms.h"

#include "mqtt/protocol/encode.h"

namespace broker {

std::uint32_t expiry_seconds_left(Millis expires_at, Millis now) {
  if (expires_at == never) return 0;
  return expires_at <= now ? 1 : static_cast<std::uint32_t>((expires_at - now + 999) / 1000);
}

WireForms::Form WireForms::get(const MessageView& message, mqtt::ProtocolVersion version,
                               mqtt::QoS qos, bool retain, Millis now) {
  const bool v5 = mqtt::is_v5(version);
  const auto key =
      static_cast<std::uint8_t>((v5 ? 8U : 0U) | (retain ? 4U : 0U) | static_cast<unsigned>(qos));
  for (std::size_t i = 0; i < used_; ++i) {
    if (entries_[i].key == key) return {entries_[i].bytes, entries_[i].id_offset};
  }
  if (used_ == entries_.size()) entries_.emplace_back();
  Entry& entry = entries_[used_++];
  entry.key = key;

  mqtt::Publish packet;
  packet.qos = qos;
  packet.packet_id = qos == mqtt::QoS::at_most_once ? 0 : 1;  // a placeholder
  packet.retain = retain;
  packet.topic = message.topic.text();
  packet.properties = message.properties;
  packet.payload = message.payload;
  mqtt::PropertyList extra;
  if (const std::uint32_t seconds = v5 ? expiry_seconds_left(message.expires_at, now) : 0;
      seconds != 0) {
    extra.add(mqtt::PropertyId::message_expiry_interval, seconds);
  }
  const std::size_t header = mqtt::encoded_header_size(packet, extra, version);
  entry.bytes.resize(header + message.payload.size());
  std::uint8_t* end = mqtt::encode_header(packet, extra, version, entry.bytes.data());
  std::copy(message.payload.begin(), message.payload.end(), end);
  entry.id_offset = qos == mqtt::QoS::at_most_once ? 0 : mqtt::packet_id_offset(entry.bytes);
  return {entry.bytes, entry.id_offset};
}

}  // namespace broker
