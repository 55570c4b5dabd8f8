#include "pub/source/message_template.h"

#include <algorithm>

#include "cli/options/topic_check.h"

namespace pub {

namespace {

tl::unexpected<std::string> with_option(const std::string& option, const std::string& error) {
  return tl::unexpected(option + ": " + error);
}

}  // namespace

tl::expected<MessageTemplate, std::string> MessageTemplate::parse(
    const std::string& topic, const std::vector<std::vector<std::string>>& properties) {
  MessageTemplate made;
  auto parsed = FieldTemplate::parse(topic);
  if (!parsed) return with_option("-t", parsed.error());
  made.topic_ = std::move(*parsed);
  for (const std::vector<std::string>& words : properties) {
    PropertyWords& templates = made.properties_.emplace_back();
    for (const std::string& word : words) {
      auto value = FieldTemplate::parse(word);
      if (!value) return with_option("-D", value.error());
      made.properties_are_constant_ &= value->is_constant();
      templates.push_back(std::move(*value));
    }
  }
  return made;
}

tl::expected<void, std::string> MessageTemplate::set_payload(const std::string& option,
                                                             const std::string& text) {
  auto parsed = FieldTemplate::parse(text);
  if (!parsed) return with_option(option, parsed.error());
  payload_ = std::move(*parsed);
  return {};
}

tl::expected<OutgoingMessage, std::string> MessageTemplate::expand(const Row& row) {
  auto topic = topic_.expand(row);
  if (!topic) return tl::unexpected(topic.error());
  if (const auto verdict = cli::check_topic_name(*topic); !verdict) {
    return tl::unexpected(verdict.error());
  }
  topic_text_ = std::move(*topic);
  auto payload = payload_ ? payload_->expand(row) : row.as_json();
  if (!payload) return tl::unexpected(payload.error());
  payload_text_ = std::move(*payload);
  if (const auto verdict = expand_properties(row); !verdict) return tl::unexpected(verdict.error());
  return OutgoingMessage{topic_text_, payload_text_, property_list_->publish.view()};
}

tl::expected<void, std::string> MessageTemplate::expand_properties(const Row& row) {
  if (property_list_ && properties_are_constant_) return {};
  cli::PacketProperties properties;
  for (const PropertyWords& words : properties_) {
    if (auto added = add_expanded(properties, words, row); !added) return added;
  }
  property_list_ = std::move(properties);
  return {};
}

tl::expected<void, std::string> MessageTemplate::add_expanded(cli::PacketProperties& properties,
                                                              const PropertyWords& words,
                                                              const Row& row) {
  std::vector<std::string> expanded;
  for (const FieldTemplate& word : words) {
    auto text = word.expand(row);
    if (!text) return tl::unexpected(text.error());
    expanded.push_back(std::move(*text));
  }
  return cli::add_property(properties, expanded);
}

}  // namespace pub
