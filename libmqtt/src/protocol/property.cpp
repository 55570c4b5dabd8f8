#include "mqtt/protocol/property.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "wire_reader.h"
#include "wire_writer.h"

namespace mqtt {
namespace {

using Id = PropertyId;
using enum PropertyType;

template <class... Context>
constexpr std::uint32_t in(Context... contexts) {
  return ((1U << static_cast<unsigned>(contexts)) | ...);
}

constexpr PropertyContext connect = PropertyContext::connect;
constexpr PropertyContext connack = PropertyContext::connack;
constexpr PropertyContext publish = PropertyContext::publish;
constexpr PropertyContext subscribe = PropertyContext::subscribe;
constexpr PropertyContext disconnect = PropertyContext::disconnect;
constexpr PropertyContext auth = PropertyContext::auth;
constexpr PropertyContext will = PropertyContext::will;

constexpr std::uint32_t everywhere =
    in(connect, connack, publish, PropertyContext::puback, PropertyContext::pubrec,
       PropertyContext::pubrel, PropertyContext::pubcomp, subscribe, PropertyContext::suback,
       PropertyContext::unsubscribe, PropertyContext::unsuback, disconnect, auth, will);
constexpr std::uint32_t nowhere = 0;
constexpr std::uint32_t any_answer =
    everywhere & ~in(connect, publish, subscribe, PropertyContext::unsubscribe, will);

// MQTT 5.0 table 2-4, with the values that the description of each property allows.
constexpr PropertyRule rules[] = {
    {Id::payload_format_indicator, byte, "payload-format-indicator", in(publish, will), nowhere, 0,
     1},
    {Id::message_expiry_interval, four_byte_integer, "message-expiry-interval", in(publish, will),
     nowhere, 0, 0xFFFF'FFFF},
    {Id::content_type, utf8_string, "content-type", in(publish, will), nowhere},
    {Id::response_topic, utf8_string, "response-topic", in(publish, will), nowhere},
    {Id::correlation_data, binary_data, "correlation-data", in(publish, will), nowhere},
    {Id::subscription_identifier, variable_byte_integer, "subscription-identifier",
     in(publish, subscribe), in(publish), 1, 268'435'455},
    {Id::session_expiry_interval, four_byte_integer, "session-expiry-interval",
     in(connect, connack, disconnect), nowhere, 0, 0xFFFF'FFFF},
    {Id::assigned_client_identifier, utf8_string, "assigned-client-identifier", in(connack),
     nowhere},
    {Id::server_keep_alive, two_byte_integer, "server-keep-alive", in(connack), nowhere, 0, 65'535},
    {Id::authentication_method, utf8_string, "authentication-method", in(connect, connack, auth),
     nowhere},
    {Id::authentication_data, binary_data, "authentication-data", in(connect, connack, auth),
     nowhere},
    {Id::request_problem_information, byte, "request-problem-information", in(connect), nowhere, 0,
     1},
    {Id::will_delay_interval, four_byte_integer, "will-delay-interval", in(will), nowhere, 0,
     0xFFFF'FFFF},
    {Id::request_response_information, byte, "request-response-information", in(connect), nowhere,
     0, 1},
    {Id::response_information, utf8_string, "response-information", in(connack), nowhere},
    {Id::server_reference, utf8_string, "server-reference", in(connack, disconnect), nowhere},
    {Id::reason_string, utf8_string, "reason-string", any_answer, nowhere},
    {Id::receive_maximum, two_byte_integer, "receive-maximum", in(connect, connack), nowhere, 1,
     65'535},
    {Id::topic_alias_maximum, two_byte_integer, "topic-alias-maximum", in(connect, connack),
     nowhere, 0, 65'535},
    // [MQTT-3.3.2-8]
    {Id::topic_alias, two_byte_integer, "topic-alias", in(publish), nowhere, 1, 65'535},
    {Id::maximum_qos, byte, "maximum-qos", in(connack), nowhere, 0, 1},
    {Id::retain_available, byte, "retain-available", in(connack), nowhere, 0, 1},
    {Id::user_property, utf8_string_pair, "user-property", everywhere, everywhere},
    {Id::maximum_packet_size, four_byte_integer, "maximum-packet-size", in(connect, connack),
     nowhere, 1, 0xFFFF'FFFF},
    {Id::wildcard_subscription_available, byte, "wildcard-subscription-available", in(connack),
     nowhere, 0, 1},
    {Id::subscription_identifier_available, byte, "subscription-identifier-available", in(connack),
     nowhere, 0, 1},
    {Id::shared_subscription_available, byte, "shared-subscription-available", in(connack), nowhere,
     0, 1},
};

constexpr std::size_t largest_id = 0x2A;

/// Identifier to position in `rules`, plus one.
constexpr std::array<std::uint8_t, largest_id + 1> position_of_id = [] {
  std::array<std::uint8_t, largest_id + 1> positions{};
  std::uint8_t position = 0;
  for (const PropertyRule& rule : rules) positions[static_cast<std::size_t>(rule.id)] = ++position;
  return positions;
}();

PropertyType type_of(PropertyId id) {
  const PropertyRule* rule = property_rule(static_cast<std::uint32_t>(id));
  assert(rule != nullptr);
  return rule->type;
}

std::size_t encoded_size(const Property& property) {
  constexpr std::size_t identifier = 1;
  switch (type_of(property.id)) {
    case byte:
      return identifier + 1;
    case two_byte_integer:
      return identifier + 2;
    case four_byte_integer:
      return identifier + 4;
    case variable_byte_integer:
      return identifier + variable_byte_integer_size(property.number);
    case utf8_string:
    case binary_data:
      return identifier + 2 + property.text.size();
    case utf8_string_pair:
      return identifier + 4 + property.text.size() + property.value.size();
  }
  return 0;
}

void write(WireWriter& out, const Property& property) {
  out.byte(static_cast<unsigned>(property.id));
  switch (type_of(property.id)) {
    case byte:
      out.byte(property.number);
      break;
    case two_byte_integer:
      out.two_byte_integer(property.number);
      break;
    case four_byte_integer:
      out.four_byte_integer(property.number);
      break;
    case variable_byte_integer:
      out.variable_byte_integer(property.number);
      break;
    case utf8_string:
    case binary_data:
      out.text(property.text);
      break;
    case utf8_string_pair:
      out.text(property.text).text(property.value);
      break;
  }
}

Property read(WireReader& in) {
  Property property;
  property.id = static_cast<PropertyId>(in.byte());
  switch (type_of(property.id)) {
    case byte:
      property.number = in.byte();
      break;
    case two_byte_integer:
      property.number = in.two_byte_integer();
      break;
    case four_byte_integer:
      property.number = in.four_byte_integer();
      break;
    case variable_byte_integer:
      property.number = in.variable_byte_integer();
      break;
    case utf8_string:
    case binary_data:
      property.text = in.text();
      break;
    case utf8_string_pair:
      property.text = in.text();
      property.value = in.text();
      break;
  }
  return property;
}

}  // namespace

const PropertyRule* property_rule(std::uint32_t id) {
  if (id > largest_id || position_of_id[id] == 0) return nullptr;
  return &rules[position_of_id[id] - 1U];
}

const PropertyRule* property_rule(std::string_view name) {
  const auto* const rule = std::find_if(std::begin(rules), std::end(rules),
                                        [&](const PropertyRule& row) { return row.name == name; });
  return rule == std::end(rules) ? nullptr : rule;
}

std::span<const PropertyRule> property_rules() {
  return rules;
}

Properties::Iterator::Iterator(ByteView rest) : rest_(rest) {
  this->read();
}

Properties::Iterator& Properties::Iterator::operator++() {
  this->read();
  return *this;
}

Properties::Iterator Properties::Iterator::operator++(int) {
  const Iterator before = *this;
  this->read();
  return before;
}

void Properties::Iterator::read() {
  done_ = rest_.empty();
  if (done_) return;
  WireReader in(rest_);
  current_ = mqtt::read(in);
  assert(in.ok());
  rest_ = in.rest();
}

std::optional<Property> Properties::find(PropertyId id) const {
  const auto found =
      std::find_if(begin(), end(), [id](const Property& property) { return property.id == id; });
  return found == end() ? std::nullopt : std::optional(*found);
}

std::optional<std::uint32_t> Properties::number(PropertyId id) const {
  const auto property = find(id);
  return property ? std::optional(property->number) : std::nullopt;
}

std::optional<std::string_view> Properties::text(PropertyId id) const {
  const auto property = find(id);
  return property ? std::optional(property->text) : std::nullopt;
}

PropertyList::PropertyList(Properties properties)
    : bytes_(properties.bytes().begin(), properties.bytes().end()) {}

PropertyList::PropertyList(std::initializer_list<Property> properties) {
  for (const Property& property : properties) add(property);
}

PropertyList& PropertyList::add(const Property& property) {
  const std::size_t begin = bytes_.size();
  bytes_.resize(begin + encoded_size(property));
  WireWriter out(bytes_.data() + begin);
  write(out, property);
  return *this;
}

PropertyList& PropertyList::add(PropertyId id, std::uint32_t number) {
  return add(Property{id, number, {}, {}});
}

PropertyList& PropertyList::add(PropertyId id, std::string_view text) {
  return add(Property{id, 0, text, {}});
}

PropertyList& PropertyList::add_user_property(std::string_view key, std::string_view value) {
  return add(Property{PropertyId::user_property, 0, key, value});
}

}  // namespace mqtt
