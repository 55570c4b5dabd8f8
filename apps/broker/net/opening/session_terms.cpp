#include "net/opening/session_terms.h"

#include <algorithm>
#include <memory>
#include <string>

namespace broker {
namespace {

using mqtt::PropertyId;

std::uint16_t window(std::uint16_t configured) {
  return configured == 0 ? std::uint16_t{65535} : configured;
}

/// 3.x clients are not told a window. They may have as many QoS 2 messages open as the window and
/// the queue allow together; beyond that they are disconnected, never acknowledged and forgotten.
std::uint16_t receive_window(const Limits& limits, bool v5) {
  if (v5 || limits.max_inflight_messages == 0) return window(limits.max_inflight_messages);
  if (limits.max_queued_messages == 0) return 65535;
  return static_cast<std::uint16_t>(
      std::min<std::uint32_t>(65535, limits.max_inflight_messages + limits.max_queued_messages));
}

/// What the Will's PUBLISH will carry: the Will properties, in their order [MQTT-3.1.3-10], without
/// the delay and the expiry.
mqtt::PropertyList will_properties(mqtt::Properties properties) {
  mqtt::PropertyList kept;
  for (const mqtt::Property& property : properties) {
    const bool is_ours = property.id == PropertyId::will_delay_interval ||
                         property.id == PropertyId::message_expiry_interval;
    if (!is_ours) kept.add(property);
  }
  return kept;
}

std::unique_ptr<Will> make_will(const mqtt::Will& will, const TopicMap& topics) {
  const mqtt::PropertyList properties = will_properties(will.properties);
  std::string scratch;
  const auto topic = topics.to_local(will.topic, scratch);  // see check_connect
  auto kept = std::make_unique<Will>();
  kept->message = Message::create(
      MessageView{topic.value(), will.payload, will.qos, will.retain, properties, never, {}});
  kept->delay_s = will.properties.number(PropertyId::will_delay_interval).value_or(0);
  kept->expiry_s = will.properties.number(PropertyId::message_expiry_interval).value_or(0);
  return kept;
}

}  // namespace

Session::Terms session_terms(const mqtt::Connect& packet, const Config& config,
                             std::uint16_t listener) {
  const bool v5 = mqtt::is_v5(packet.version);
  Session::Terms terms;
  terms.version = packet.version;
  terms.bridge = packet.bridge;
  terms.listener = listener;
  terms.topics = TopicMap(config.listeners[listener].mount_point);
  terms.max_qos = config.listeners[listener].max_qos;
  terms.retain_available = config.delivery.retain_available;
  terms.send_window = window(config.limits.max_inflight_messages);
  terms.receive_window = receive_window(config.limits, v5);
  // 3.x: a session lasts for ever, or as long as its connection.
  terms.expiry_interval_s = packet.clean_start ? 0 : UINT32_MAX;
  if (v5) {
    terms.expiry_interval_s =
        packet.properties.number(PropertyId::session_expiry_interval).value_or(0);
    if (const auto maximum = packet.properties.number(PropertyId::receive_maximum))
      terms.send_window = static_cast<std::uint16_t>(*maximum);  // [MQTT-3.3.4-9]
  }
  if (packet.will) terms.will = make_will(*packet.will, terms.topics);
  return terms;
}

}  // namespace broker
