#include "mqtt/protocol/property_validation.h"

#include "mqtt/protocol/topic.h"
#include "mqtt/protocol/utf8.h"
#include "wire_reader.h"

namespace mqtt {
namespace {

// What can be wrong. Checks answer with one of these, or nullptr: a pointer is all that a property
// in order has to carry through them.
constexpr Malformed malformed(std::string_view detail) {
  return {ReasonCode::malformed_packet, detail, Malformed::Reply::in_kind};
}
constexpr Malformed protocol_error(std::string_view detail) {
  return {ReasonCode::protocol_error, detail, Malformed::Reply::in_kind};
}
constexpr Malformed unknown = malformed("unknown property");
constexpr Malformed cut_off = malformed("property value is cut off");
constexpr Malformed not_utf8 = malformed("property text is not valid UTF-8");
constexpr Malformed misplaced = protocol_error("property does not belong here");
constexpr Malformed repeated = protocol_error("property stands twice");
constexpr Malformed out_of_range = protocol_error("property value out of range");
constexpr Malformed no_topic_name = protocol_error("response topic is not a valid topic name");

/// The texts among the properties: Response Topic [MQTT-3.3.2-13], Content Type [MQTT-3.3.2-19],
/// and so on.
const Malformed* check_text(const PropertyRule& rule, std::string_view text) {
  if (!is_valid_utf8(text)) return &not_utf8;
  // [MQTT-3.3.2-14], and for the Will the same.
  if (rule.id == PropertyId::response_topic && !TopicName::parse(text)) return &no_topic_name;
  return nullptr;
}

const Malformed* check_pair(std::string_view key, std::string_view value) {
  return is_valid_utf8(key) && is_valid_utf8(value) ? nullptr : &not_utf8;  // [MQTT-1.5.7-1]
}

const Malformed* check_number(const PropertyRule& rule, std::uint32_t number) {
  return number < rule.minimum || number > rule.maximum ? &out_of_range : nullptr;
}

/// Reads one value and looks at it. A value that is cut off reads as zero or empty, whatever the
/// check thinks of that.
const Malformed* read_and_check(const PropertyRule& rule, WireReader& in) {
  switch (rule.type) {
    case PropertyType::byte:
      return check_number(rule, in.byte());
    case PropertyType::two_byte_integer:
      return check_number(rule, in.two_byte_integer());
    case PropertyType::four_byte_integer:
      return check_number(rule, in.four_byte_integer());
    case PropertyType::variable_byte_integer:
      return check_number(rule, in.variable_byte_integer());
    case PropertyType::utf8_string:
      return check_text(rule, in.text());
    case PropertyType::binary_data:
      in.binary();
      return nullptr;
    case PropertyType::utf8_string_pair: {
      const std::string_view key = in.text();
      const std::string_view value = in.text();
      return check_pair(key, value);
    }
  }
  return nullptr;
}

}  // namespace

tl::expected<ValidatedProperties, Malformed> validate_properties(ByteView block,
                                                                 PropertyContext context) {
  ValidatedProperties result{Properties::from_valid_bytes(block), 0};
  WireReader in(block);
  while (!in.at_end()) {
    // The identifier is a Variable Byte Integer, but none takes more than one byte.
    const PropertyRule* rule = property_rule(std::uint32_t{in.byte()});
    if (rule == nullptr) return tl::unexpected(unknown);
    if (!is_allowed(*rule, context)) return tl::unexpected(misplaced);
    if (result.contains(rule->id) && !is_repeatable(*rule, context))
      return tl::unexpected(repeated);
    result.present |= std::uint64_t{1} << static_cast<unsigned>(rule->id);
    const Malformed* fault = read_and_check(*rule, in);
    if (!in.ok()) return tl::unexpected(cut_off);
    if (fault != nullptr) return tl::unexpected(*fault);
  }
  return result;
}

}  // namespace mqtt
