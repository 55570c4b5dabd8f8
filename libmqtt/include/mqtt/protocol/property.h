#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/packet_type.h"

namespace mqtt {

/// Property identifiers, MQTT 5.0 table 2-4.
enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

enum class PropertyType : std::uint8_t {
  byte,
  two_byte_integer,
  four_byte_integer,
  variable_byte_integer,
  utf8_string,
  binary_data,
  utf8_string_pair,
};

/// What a property belongs to: a packet type, or the Will inside CONNECT.
enum class PropertyContext : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  disconnect = 14,
  auth = 15,
  will = 16,
};

/// One row of table 2-4.
struct PropertyRule {
  PropertyId id;
  PropertyType type;
  std::string_view name;        ///< as in `mqtt-pub -D`: lower case with hyphens
  std::uint32_t allowed_in;     ///< bit n set: allowed in the PropertyContext of value n
  std::uint32_t repeatable_in;  ///< bit n set: allowed there more than once
  std::uint32_t minimum = 0;    ///< integer types: the smallest and the largest value allowed
  std::uint32_t maximum = 0;
};

/// The row of `id`; nullptr if the standard has no such property.
const PropertyRule* property_rule(std::uint32_t id);
/// The row of the property with this name (exact, lower case); nullptr if there is none.
const PropertyRule* property_rule(std::string_view name);
/// All rows, in order of identifiers.
std::span<const PropertyRule> property_rules();

constexpr bool is_allowed(const PropertyRule& rule, PropertyContext context) {
  return (rule.allowed_in >> static_cast<unsigned>(context) & 1U) != 0;
}

/// Only User Property, and Subscription Identifier in PUBLISH.
constexpr bool is_repeatable(const PropertyRule& rule, PropertyContext context) {
  return (rule.repeatable_in >> static_cast<unsigned>(context) & 1U) != 0;
}

/// One property. Views point into the block that it was read from.
struct Property {
  PropertyId id{};
  std::uint32_t number = 0;  ///< the integer types
  std::string_view text;     ///< string or binary data; the name of a User Property
  std::string_view value;    ///< the value of a User Property

  bool operator==(const Property&) const = default;
};

/// A property block as on the wire, without its length prefix.
///
/// Always well formed: only `validate_properties` (on behalf of `decode`) and `PropertyList` make
/// one. Owns nothing; costs two words. Order and repetitions are as on the wire, as
/// forwarding requires [MQTT-3.3.2-18].
class Properties {
 public:
  class Iterator {
   public:
    using value_type = Property;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(ByteView rest);
    const Property& operator*() const { return current_; }
    const Property* operator->() const { return &current_; }
    Iterator& operator++();
    Iterator operator++(int);
    bool operator==(const Iterator& other) const {
      return rest_.size() == other.rest_.size() && done_ == other.done_;
    }

   private:
    void read();
    ByteView rest_;  ///< what follows `current_`
    Property current_;
    bool done_ = true;
  };

  constexpr Properties() = default;

  Iterator begin() const { return Iterator(bytes_); }
  static Iterator end() { return {}; }
  bool empty() const { return bytes_.empty(); }
  /// The encoded block, without its length prefix.
  ByteView bytes() const { return bytes_; }

  /// The first property with this identifier.
  std::optional<Property> find(PropertyId id) const;
  std::optional<std::uint32_t> number(PropertyId id) const;
  std::optional<std::string_view> text(PropertyId id) const;
  bool contains(PropertyId id) const { return find(id).has_value(); }

  /// Wraps bytes that the caller has validated (see `validate_properties`) or took from another
  /// block.
  static Properties from_valid_bytes(ByteView bytes) {
    Properties properties;
    properties.bytes_ = bytes;
    return properties;
  }

 private:
  ByteView bytes_;
};

/// A property block under construction; owns its bytes.
class PropertyList {
 public:
  PropertyList() = default;
  explicit PropertyList(Properties properties);
  PropertyList(std::initializer_list<Property> properties);

  /// Appends. The caller must follow the rules of the packet; values longer than their type allows
  /// (65535 bytes of text) are a programming error.
  PropertyList& add(const Property& property);
  PropertyList& add(PropertyId id, std::uint32_t number);
  PropertyList& add(PropertyId id, std::string_view text);
  PropertyList& add_user_property(std::string_view key, std::string_view value);

  bool empty() const { return bytes_.empty(); }
  void clear() { bytes_.clear(); }
  /// A view of this list, valid until the list changes.
  operator Properties() const { return view(); }  // NOLINT(google-explicit-constructor)
  Properties view() const { return Properties::from_valid_bytes(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace mqtt
