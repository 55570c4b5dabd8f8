// A topic filter and a topic name, divided by a line feed (which neither may contain): both are
// valid exactly if naive checks say so, and match exactly if a naive matcher says so.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mqtt/protocol/topic.h"
#include "mqtt/protocol/utf8.h"
#include "support/naive_topic_match.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_topic_text(std::string_view text) {
  return !text.empty() && text.size() <= 65'535 && mqtt::is_valid_utf8(text) &&
         std::count(text.begin(), text.end(), '/') <= 200;
}

bool is_topic_name(std::string_view text) {
  return is_topic_text(text) && text.find('+') == text.npos && text.find('#') == text.npos;
}

/// `$share`, a name without wildcards that is not empty [MQTT-4.8.2-1], and a filter.
bool is_share_in_order(std::string_view text) {
  const naive_topic_match::Split first = naive_topic_match::split(text);
  if (first.level != "$share") return true;
  const naive_topic_match::Split second = naive_topic_match::split(first.rest);
  return first.has_more && second.has_more && !second.level.empty() && !second.rest.empty() &&
         second.level.find_first_of("+#") == std::string_view::npos;
}

void check(const mqtt::TopicFilter& filter, std::string_view text) {
  require(filter.text() == text);
  if (filter.is_shared()) {
    require(text ==
            "$share/" + std::string(filter.share_name()) + "/" + std::string(filter.filter()));
  } else {
    require(filter.filter() == text);
  }
  require(filter.has_wildcard() == (filter.filter().find_first_of("+#") != std::string_view::npos));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t line_feed = std::min(input.find('\n'), input.size());
  const std::string filter_text = input.substr(0, line_feed);
  const std::string topic_text = line_feed < size ? input.substr(line_feed + 1) : "";

  const auto filter = mqtt::TopicFilter::parse(filter_text);
  require(filter.has_value() ==
          (is_topic_text(filter_text) && naive_topic_match::is_valid_filter(filter_text) &&
           is_share_in_order(filter_text)));
  const auto topic = mqtt::TopicName::parse(topic_text);
  require(topic.has_value() == is_topic_name(topic_text));

  if (filter) check(*filter, filter_text);
  if (filter && topic) {
    require(mqtt::matches(filter->filter(), topic->text()) ==
            naive_topic_match::matches(filter->filter(), topic->text()));
  }
  return 0;
}
