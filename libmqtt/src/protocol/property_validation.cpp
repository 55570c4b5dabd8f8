#include "mqtt/protocol/property_validation.h"

#include "malformed_result.h"
#include "mqtt/protocol/topic.h"
#include "mqtt/protocol/utf8.h"
#include "wire_reader.h"

namespace mqtt {
namespace {

using Checked = tl::expected<void, Malformed>;

/// The texts among the properties: Response Topic [MQTT-3.3.2-13], Content Type [MQTT-3.3.2-19],
/// and so on.
Checked check_text(const PropertyRule& rule, std::string_view text) {
  if (!is_valid_utf8(text)) return malformed_packet("property text is not valid UTF-8");
  // [MQTT-3.3.2-14], and for the Will the same.
  if (rule.id == PropertyId::response_topic && !TopicName::parse(text)) {
    return protocol_error("response topic is not a valid topic name");
  }
  return {};
}

Checked check_number(const PropertyRule& rule, std::uint32_t number) {
  if (number < rule.minimum || number > rule.maximum) {
    return protocol_error("property value out of range");
  }
  return {};
}

/// Reads one value and looks at it. A value that is cut off reads as zero or empty and is found by
/// the caller, who asks the reader first.
Checked check_value(const PropertyRule& rule, WireReader& in) {
  Checked checked;
  switch (rule.type) {
    case PropertyType::byte:
      checked = check_number(rule, in.byte());
      break;
    case PropertyType::two_byte_integer:
      checked = check_number(rule, in.two_byte_integer());
      break;
    case PropertyType::four_byte_integer:
      checked = check_number(rule, in.four_byte_integer());
      break;
    case PropertyType::variable_byte_integer:
      checked = check_number(rule, in.variable_byte_integer());
      break;
    case PropertyType::utf8_string:
      checked = check_text(rule, in.text());
      break;
    case PropertyType::binary_data:
      in.binary();
      break;
    case PropertyType::utf8_string_pair: {
      const std::string_view key = in.text();
      const std::string_view value = in.text();
      if (!is_valid_utf8(key) || !is_valid_utf8(value)) {  // [MQTT-1.5.7-1]
        checked = malformed_packet("user property is not valid UTF-8");
      }
      break;
    }
  }
  if (!in.ok()) return malformed_packet("property value is cut off");
  return checked;
}

}  // namespace

tl::expected<ValidatedProperties, Malformed> validate_properties(ByteView block,
                                                                 PropertyPlace place) {
  ValidatedProperties result{Properties::from_valid_bytes(block), 0};
  WireReader in(block);
  while (!in.at_end()) {
    // The identifier is a Variable Byte Integer, but none takes more than one byte.
    const PropertyRule* rule = property_rule(std::uint32_t{in.byte()});
    if (rule == nullptr) return malformed_packet("unknown property");
    if (!is_allowed(*rule, place)) return protocol_error("property does not belong here");
    if (result.contains(rule->id) && !is_repeatable(*rule, place)) {
      return protocol_error("property stands twice");
    }
    result.present |= std::uint64_t{1} << static_cast<unsigned>(rule->id);
    if (const Checked checked = check_value(*rule, in); !checked) {
      return tl::unexpected(checked.error());
    }
  }
  return result;
}

}  // namespace mqtt
