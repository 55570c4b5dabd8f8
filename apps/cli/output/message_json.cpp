#include <fmt/format.h>

#include "cli/output/json_copy.h"
#include "cli/output/message_format.h"
#include "mqtt/protocol/property.h"

namespace cli {

namespace {

using mqtt::Properties;
using mqtt::Property;
using mqtt::PropertyId;
using mqtt::PropertyType;

void write_user_properties(JsonWriter& json, const Properties& properties) {
  json.key("user-properties");
  json.begin_array();
  for (const Property& property : properties) {
    if (property.id != PropertyId::user_property) continue;
    json.begin_object();
    json.key(property.text);
    json.string(property.value);
    json.end_object();
  }
  json.end_array();
}

/// In the order of the packet; all user properties together, where the first one stands.
void write_properties(JsonWriter& json, const Properties& properties) {
  json.key("properties");
  json.begin_object();
  bool user_properties_written = false;
  for (const Property& property : properties) {
    if (property.id == PropertyId::user_property) {
      if (!user_properties_written) write_user_properties(json, properties);
      user_properties_written = true;
      continue;
    }
    const mqtt::PropertyRule& rule = *mqtt::property_rule(static_cast<std::uint32_t>(property.id));
    json.key(rule.name);
    if (rule.type == PropertyType::utf8_string || rule.type == PropertyType::binary_data) {
      json.string(property.text);
    } else {
      json.integer(property.number);
    }
  }
  json.end_object();
}

bool write_payload(JsonWriter& json, const JsonPayload& payload) {
  json.key(payload.key);
  if (payload.text.empty()) {
    json.null();
    return true;
  }
  if (payload.is_json) return copy_json(payload.text, json);
  json.string(payload.text);
  return true;
}

}  // namespace

bool append_message_json(std::string& out, const PrintContext& context, bool parse) {
  return append_message_json(out, context,
                             {"payload", mqtt::as_text(context.message.payload), parse});
}

bool append_message_json(std::string& out, const PrintContext& context,
                         const JsonPayload& payload) {
  const mqtt::Publish& message = context.message;
  const std::size_t begin = out.size();
  std::string time;
  context.time.append_timestamp(time);

  JsonWriter json(out, context.json_style);
  json.begin_object();
  json.key("tst");
  json.string(time);
  json.key("topic");
  json.string(message.topic);
  json.key("qos");
  json.integer(static_cast<std::uint64_t>(message.qos));
  json.key("retain");
  json.boolean(message.retain);
  json.key("payloadlen");
  json.integer(message.payload.size());
  if (message.qos != mqtt::QoS::at_most_once) {
    json.key("mid");
    json.integer(message.packet_id);
  }
  if (!message.properties.empty()) write_properties(json, message.properties);
  if (!write_payload(json, payload)) {
    out.resize(begin);
    return false;
  }
  json.end_object();
  return true;
}

}  // namespace cli
