#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/protocol/topic.h"
#include "text_scan.h"

namespace mqtt {

enum class TopicFault : std::uint8_t { none, empty, too_long, text, wildcard, too_many_levels };

/// What keeps `text` from being a topic name, found in one pass.
inline TopicFault topic_name_fault(std::string_view text) {
  if (text.empty()) return TopicFault::empty;             // [MQTT-4.7.3-1]
  if (text.size() > 65'535) return TopicFault::too_long;  // [MQTT-4.7.3-3]
  std::uint64_t wildcards = 0;
  std::size_t separators = 0;
  const bool valid = text_scan::scan(text, [&](std::uint64_t word) {
    // '#' and '+' differ in this one bit, and no other character becomes '+' by it.
    wildcards |= text_scan::where_equal(word | text_scan::repeat('#' ^ '+'), '+');
    separators += text_scan::count(text_scan::where_equal(word, '/'));
  });
  if (!valid) return TopicFault::text;
  if (wildcards != 0) return TopicFault::wildcard;  // [MQTT-4.7.0-1]
  return separators > max_topic_separators ? TopicFault::too_many_levels : TopicFault::none;
}

/// Static text that says so.
std::string_view describe(TopicFault fault);

}  // namespace mqtt
