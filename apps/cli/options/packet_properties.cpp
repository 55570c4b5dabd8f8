#include "cli/options/packet_properties.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "cli/options/ascii_case.h"
#include "cli/options/option_binding.h"
#include "cli/options/suggestion.h"
#include "mqtt/protocol/topic.h"
#include "mqtt/protocol/utf8.h"

namespace cli {

namespace {

using mqtt::PropertyContext;
using mqtt::PropertyId;
using mqtt::PropertyRule;
using mqtt::PropertyType;

constexpr std::size_t max_text_bytes = 65535;

struct Command {
  std::string_view name;
  PropertyContext context;
  /// Where its properties go; nullptr: these tools do not send this packet at the user's word.
  mqtt::PropertyList PacketProperties::*list;
};

constexpr std::array commands{
    Command{"connect", PropertyContext::connect, &PacketProperties::connect},
    Command{"publish", PropertyContext::publish, &PacketProperties::publish},
    Command{"subscribe", PropertyContext::subscribe, &PacketProperties::subscribe},
    Command{"unsubscribe", PropertyContext::unsubscribe, &PacketProperties::unsubscribe},
    Command{"disconnect", PropertyContext::disconnect, &PacketProperties::disconnect},
    Command{"will", PropertyContext::will, &PacketProperties::will},
    Command{"auth", PropertyContext::auth, nullptr},
    Command{"connack", PropertyContext::connack, nullptr},
    Command{"puback", PropertyContext::puback, nullptr},
    Command{"pubrec", PropertyContext::pubrec, nullptr},
    Command{"pubrel", PropertyContext::pubrel, nullptr},
    Command{"pubcomp", PropertyContext::pubcomp, nullptr},
    Command{"suback", PropertyContext::suback, nullptr},
    Command{"unsuback", PropertyContext::unsuback, nullptr},
};

/// What a number may be, where the standard says less than its type.
struct NumberBounds {
  std::int64_t least;
  std::int64_t most;
};

NumberBounds bounds_of(const PropertyRule& rule) {
  switch (rule.id) {
    case PropertyId::payload_format_indicator:
    case PropertyId::request_problem_information:
    case PropertyId::request_response_information:
      return {0, 1};
    case PropertyId::maximum_packet_size:
      return {1, std::numeric_limits<std::uint32_t>::max()};
    case PropertyId::receive_maximum:
    case PropertyId::topic_alias:
      return {1, std::numeric_limits<std::uint16_t>::max()};
    case PropertyId::subscription_identifier:
      return {1, 268'435'455};
    default:
      return {0, rule.type == PropertyType::two_byte_integer
                     ? std::int64_t{std::numeric_limits<std::uint16_t>::max()}
                     : std::int64_t{std::numeric_limits<std::uint32_t>::max()}};
  }
}

/// Whether a client may put this property into `command`. The standard's table does not tell the
/// two directions apart: a Subscription Identifier in PUBLISH comes from the server only
/// [MQTT-3.3.4-6].
bool is_sendable(const PropertyRule& rule, const Command& command) {
  if (command.context == PropertyContext::publish &&
      rule.id == PropertyId::subscription_identifier) {
    return false;
  }
  return mqtt::is_allowed(rule, command.context);
}

tl::expected<const Command*, std::string> find_command(std::string_view word) {
  const std::string name = lower_case(word);
  const auto* const command = std::ranges::find(commands, name, &Command::name);
  if (command == commands.end()) {
    const std::vector<std::string> known = property_commands();
    return tl::unexpected(fmt::format("\"{}\" is not a command that carries properties ({}){}",
                                      word, fmt::join(known, ", "), suggestion(name, known)));
  }
  if (command->list == nullptr) {
    return tl::unexpected(fmt::format("properties of {} are not supported: {} carry them", name,
                                      fmt::join(property_commands(), ", ")));
  }
  return command;
}

tl::expected<const PropertyRule*, std::string> find_rule(std::string_view word,
                                                         const Command& command) {
  const std::string name = lower_case(word);
  const PropertyRule* const rule = mqtt::property_rule(std::string_view(name));
  const std::vector<std::string> known = properties_of(command.name);
  if (rule == nullptr) {
    return tl::unexpected(fmt::format("\"{}\" is not a property{}", word, suggestion(name, known)));
  }
  if (!is_sendable(*rule, command)) {
    return tl::unexpected(fmt::format("the property {} is not for {}, which takes {}", name,
                                      command.name, fmt::join(known, ", ")));
  }
  return rule;
}

Verdict check_bytes(const PropertyRule& rule, std::string_view text) {
  if (text.size() <= max_text_bytes) return {};
  return tl::unexpected(fmt::format("{}: {} bytes are too many, at most {} fit", rule.name,
                                    text.size(), max_text_bytes));
}

Verdict check_text(const PropertyRule& rule, std::string_view text) {
  if (!mqtt::is_valid_utf8(text)) {
    return tl::unexpected(fmt::format("{}: the text is not valid UTF-8", rule.name));
  }
  if (rule.id == PropertyId::response_topic && !mqtt::TopicName::parse(text)) {
    return tl::unexpected(fmt::format("{}: \"{}\" is not a topic to publish to", rule.name, text));
  }
  return check_bytes(rule, text);
}

tl::expected<mqtt::Property, std::string> read_value(const PropertyRule& rule,
                                                     std::span<const std::string> values) {
  mqtt::Property property;
  property.id = rule.id;
  const auto self = [&property] { return property; };
  switch (rule.type) {
    case PropertyType::utf8_string:
      property.text = values[0];
      return check_text(rule, values[0]).map(self);
    case PropertyType::binary_data:
      property.text = values[0];
      return check_bytes(rule, values[0]).map(self);
    case PropertyType::utf8_string_pair:
      property.text = values[0];
      property.value = values[1];
      return check_text(rule, values[0])
          .and_then([&] { return check_text(rule, values[1]); })
          .map(self);
    default:
      break;
  }
  const auto [least, most] = bounds_of(rule);
  const auto number = parse_integer(values[0], least, most);
  if (!number) return tl::unexpected(fmt::format("{}: {}", rule.name, number.error()));
  property.number = static_cast<std::uint32_t>(*number);
  return property;
}

bool is_user_property(std::string_view word) {
  const PropertyRule* const rule = mqtt::property_rule(std::string_view(lower_case(word)));
  return rule != nullptr && rule->id == PropertyId::user_property;
}

}  // namespace

std::size_t property_word_count(std::span<const std::string> words) {
  return words.size() > 1 && is_user_property(words[1]) ? 4 : 3;
}

tl::expected<void, std::string> add_property(PacketProperties& properties,
                                             std::span<const std::string> words) {
  if (words.empty()) {
    return tl::unexpected(std::string("a command, a property and its value must follow"));
  }
  const auto command = find_command(words[0]);
  if (!command) return tl::unexpected(command.error());
  if (words.size() < 2) {
    return tl::unexpected(fmt::format("a property must follow \"{}\"", words[0]));
  }
  const auto rule = find_rule(words[1], **command);
  if (!rule) return tl::unexpected(rule.error());
  if (words.size() != property_word_count(words)) {
    return tl::unexpected(fmt::format("{} must follow \"{}\"",
                                      is_user_property(words[1]) ? "a key and a value" : "a value",
                                      words[1]));
  }
  if (properties.has_fields && (*command)->context == PropertyContext::publish) {
    properties.publish_words.emplace_back(words.begin(), words.end());
    const auto has_brace = [](const std::string& value) {
      return value.find_first_of("{}") != std::string::npos;
    };
    if (std::ranges::any_of(words.subspan(2), has_brace)) return {};
  }
  mqtt::PropertyList& list = properties.*(*command)->list;
  if ((*rule)->id != PropertyId::user_property && list.view().contains((*rule)->id)) {
    return tl::unexpected(fmt::format("{} is given twice for {}", (*rule)->name, (*command)->name));
  }
  return read_value(**rule, words.subspan(2)).map([&list](const mqtt::Property& property) {
    list.add(property);
  });
}

std::vector<std::string> property_commands() {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (command.list != nullptr) names.emplace_back(command.name);
  }
  return names;
}

std::vector<std::string> properties_of(std::string_view command_name) {
  std::vector<std::string> names;
  const auto* const command = std::ranges::find(commands, command_name, &Command::name);
  if (command == commands.end()) return names;
  for (const PropertyRule& rule : mqtt::property_rules()) {
    if (is_sendable(rule, *command)) names.emplace_back(rule.name);
  }
  return names;
}

}  // namespace cli
