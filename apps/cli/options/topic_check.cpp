#include "cli/options/topic_check.h"

#include <fmt/format.h>

#include "mqtt/protocol/topic.h"

namespace cli {

Verdict check_topic_name(const std::string& text) {
  if (mqtt::TopicName::parse(text)) return {};
  return tl::unexpected(fmt::format(
      "\"{}\" is not a topic to publish to (1 to 65535 bytes of UTF-8 without '+' and '#', "
      "at most {} '/')",
      text, mqtt::max_topic_separators));
}

Verdict check_topic_filter(const std::string& text) {
  if (mqtt::TopicFilter::parse(text)) return {};
  return tl::unexpected(fmt::format(
      "\"{}\" is not a topic filter ('+' must be a whole level, '#' the whole last one; "
      "1 to 65535 bytes of UTF-8, at most {} '/')",
      text, mqtt::max_topic_separators));
}

}  // namespace cli
