#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "mqtt/protocol/property.h"

namespace cli {

/// The MQTT 5 properties that `-D` asked for, by the packet that carries them.
struct PacketProperties {
  mqtt::PropertyList connect;
  mqtt::PropertyList publish;
  mqtt::PropertyList subscribe;
  mqtt::PropertyList unsubscribe;
  mqtt::PropertyList disconnect;
  mqtt::PropertyList will;

  /// Set before the first -D: values for PUBLISH may have fields in braces, which are filled in for
  /// each message. Those are not in `publish` yet; all are in `publish_words`.
  bool has_fields = false;
  /// The words behind each -D for PUBLISH, if `has_fields`.
  std::vector<std::vector<std::string>> publish_words;
};

/// How many words follow `-D`: "publish user-property key value" has four, every other form three.
/// `words` are the words behind `-D`, at least as many of them as there are.
std::size_t property_word_count(std::span<const std::string> words);

/// Adds what `-D command property value...` says. `words` without the `-D` itself.
/// The error says what was found and what is accepted.
tl::expected<void, std::string> add_property(PacketProperties& properties,
                                             std::span<const std::string> words);

/// The commands of `-D` that a client can send, for help and completions.
std::vector<std::string> property_commands();
/// The properties that `command` may carry; empty for an unknown command.
std::vector<std::string> properties_of(std::string_view command);

}  // namespace cli
