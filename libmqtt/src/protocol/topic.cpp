#include "mqtt/protocol/topic.h"

#include <algorithm>

#include "mqtt/protocol/utf8.h"
#include "topic_scan.h"

namespace mqtt {
namespace {

constexpr std::string_view share_level = "$share";

std::optional<TopicFilter> refuse(FilterError* error, FilterError why) {
  if (error != nullptr) *error = why;
  return std::nullopt;
}

bool contains_wildcard(std::string_view text) {
  return text.find_first_of("+#") != std::string_view::npos;
}

/// Whether every wildcard in the filter stands where it may.
bool has_valid_wildcards(std::string_view filter) {
  for (std::string_view rest = filter; rest.data() != nullptr;) {
    const std::string_view level = next_level(rest);
    if (level.size() > 1 && contains_wildcard(level)) return false;  // [MQTT-4.7.1-2]
    if (level == "#" && rest.data() != nullptr) return false;        // [MQTT-4.7.1-1]
  }
  return true;
}

bool is_acceptable_filter_text(std::string_view text) {
  if (text.empty() || text.size() > 65'535) return false;  // [MQTT-4.7.3-1] [MQTT-4.7.3-3]
  if (!is_valid_utf8(text)) return false;                  // [MQTT-4.7.3-2]
  const auto separators = std::count(text.begin(), text.end(), '/');
  return separators <= static_cast<std::ptrdiff_t>(max_topic_separators);
}

}  // namespace

std::string_view describe(TopicFault fault) {
  switch (fault) {
    case TopicFault::none:
      return "";
    case TopicFault::empty:
      return "topic name is empty";
    case TopicFault::too_long:
      return "topic name is longer than 65535 bytes";
    case TopicFault::text:
      return "topic name is not valid UTF-8";
    case TopicFault::wildcard:
      return "topic name contains a wildcard";
    case TopicFault::too_many_levels:
      return "topic name has more than 201 levels";
  }
  return "";
}

std::optional<TopicName> TopicName::parse(std::string_view text) {
  if (topic_name_fault(text) != TopicFault::none) return std::nullopt;
  return TopicName(text);
}

std::optional<TopicFilter> TopicFilter::parse(std::string_view text, FilterError* error) {
  if (!is_acceptable_filter_text(text)) return refuse(error, FilterError::malformed);
  if (!has_valid_wildcards(text)) return refuse(error, FilterError::malformed);

  TopicFilter filter;
  filter.text_ = text;
  std::string_view rest = text;
  if (next_level(rest) == share_level) {
    const std::string_view share_name = rest.data() != nullptr ? next_level(rest) : rest;
    // A name of at least one character [MQTT-4.8.2-1], then '/' and a filter of at least one
    // character. [MQTT-4.8.2-2]
    if (share_name.empty() || rest.data() == nullptr || rest.empty())
      return refuse(error, FilterError::share_syntax);
    if (contains_wildcard(share_name)) return refuse(error, FilterError::malformed);
    filter.filter_begin_ = text.size() - rest.size();
  }
  filter.has_wildcard_ = contains_wildcard(filter.filter());
  return filter;
}

std::string_view TopicFilter::share_name() const {
  if (!is_shared()) return {};
  const std::size_t begin = share_level.size() + 1;
  return text_.substr(begin, filter_begin_ - 1 - begin);
}

// Levels are compared byte by byte, whatever they might look like to a reader. [MQTT-4.7.3-4]
bool matches(std::string_view filter, std::string_view topic) {
  const bool begins_with_wildcard = filter.front() == '#' || filter.front() == '+';
  if (begins_with_wildcard && topic.front() == '$') return false;  // [MQTT-4.7.2-1]
  while (true) {
    const std::string_view expected = next_level(filter);
    if (expected == "#") return true;
    const std::string_view level = next_level(topic);
    if (expected != "+" && expected != level) return false;
    if (filter.data() == nullptr) return topic.data() == nullptr;
    if (topic.data() == nullptr) return filter == "#";  // "a/#" matches its parent "a" too
  }
}

}  // namespace mqtt
