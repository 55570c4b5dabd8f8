// A property block in some context: the first byte says which, the rest is the block. What
// validation lets through can be read to its end, says what validation said, and is written again
// byte by byte.
#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "mqtt/protocol/property_validation.h"
#include "mqtt/protocol/utf8.h"

namespace {

using namespace mqtt;

constexpr PropertyContext contexts[] = {
    PropertyContext::connect,     PropertyContext::connack,   PropertyContext::publish,
    PropertyContext::puback,      PropertyContext::pubrec,    PropertyContext::pubrel,
    PropertyContext::pubcomp,     PropertyContext::subscribe, PropertyContext::suback,
    PropertyContext::unsubscribe, PropertyContext::unsuback,  PropertyContext::disconnect,
    PropertyContext::auth,        PropertyContext::will,
};

void require(bool condition) {
  if (!condition) std::abort();
}

void check_value(const PropertyRule& rule, const Property& property) {
  switch (rule.type) {
    case PropertyType::utf8_string:
      require(is_valid_utf8(property.text));
      break;
    case PropertyType::binary_data:
      break;
    case PropertyType::utf8_string_pair:
      require(is_valid_utf8(property.text) && is_valid_utf8(property.value));
      break;
    default:
      require(property.number >= rule.minimum && property.number <= rule.maximum);
  }
}

void check(const ValidatedProperties& valid, ByteView block, PropertyContext context) {
  PropertyList again;
  std::bitset<64> present;
  for (const Property& property : valid.properties) {
    const auto id = static_cast<std::uint32_t>(property.id);
    const PropertyRule* rule = property_rule(id);
    require(rule != nullptr && is_allowed(*rule, context));
    require(!present[id] || is_repeatable(*rule, context));
    if (!present[id]) require(valid.properties.find(property.id) == property);
    present[id] = true;
    check_value(*rule, property);
    again.add(property);
  }
  require(present.to_ullong() == valid.present);
  const ByteView written = again.view().bytes();
  require(std::equal(written.begin(), written.end(), block.begin(), block.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const PropertyContext context = contexts[data[0] % std::size(contexts)];
  const std::vector<std::uint8_t> block(data + 1, data + size);  // ends where its memory ends
  const auto valid = validate_properties(block, context);
  if (valid) {
    check(*valid, block, context);
  } else {
    const ReasonCode reason = valid.error().reason;
    require(reason == ReasonCode::malformed_packet || reason == ReasonCode::protocol_error);
    require(!valid.error().detail.empty());
  }
  return 0;
}
