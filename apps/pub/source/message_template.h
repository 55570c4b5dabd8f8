#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cli/options/packet_properties.h"
#include "mqtt/protocol/property.h"
#include "pub/source/field_template.h"
#include "pub/source/message_source.h"
#include "pub/source/row.h"

namespace pub {

/// What makes a message out of each row: topic, payload and properties, all of which may have
/// fields of the row in them.
class MessageTemplate {
 public:
  /// `properties` are the words behind each `-D`, from "publish" on. The error names the option.
  static tl::expected<MessageTemplate, std::string> parse(
      const std::string& topic, const std::vector<std::vector<std::string>>& properties);
  /// The payload; without it, it is the row as JSON.
  tl::expected<void, std::string> set_payload(const std::string& option, const std::string& text);

  /// Valid until the next call. The error says what is wrong with the row.
  tl::expected<OutgoingMessage, std::string> expand(const Row& row);

 private:
  /// The words of one -D: packet, name and values.
  using PropertyWords = std::vector<FieldTemplate>;

  tl::expected<void, std::string> expand_properties(const Row& row);
  static tl::expected<void, std::string> add_expanded(cli::PacketProperties& properties,
                                                      const PropertyWords& words, const Row& row);

  FieldTemplate topic_;
  std::optional<FieldTemplate> payload_;
  std::vector<PropertyWords> properties_;
  bool properties_are_constant_ = true;

  std::string topic_text_;
  std::string payload_text_;
  std::optional<cli::PacketProperties> property_list_;
};

}  // namespace pub
