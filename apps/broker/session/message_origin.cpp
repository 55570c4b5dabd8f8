#include "session/message_origin.h"

namespace broker {

/// Listener and size of the identifier in two bytes each, the identifier (at most 65535 bytes, as
/// MQTT has it), and the user name up to the end.
void MessageOrigin::write_to(std::vector<std::uint8_t>& bytes) const {
  bytes.clear();
  const auto add_number = [&bytes](std::size_t number) {
    bytes.push_back(static_cast<std::uint8_t>(number >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(number));
  };
  add_number(listener);
  add_number(client_id.size());
  bytes.insert(bytes.end(), client_id.begin(), client_id.end());
  bytes.insert(bytes.end(), user_name.begin(), user_name.end());
}

MessageOrigin MessageOrigin::read(mqtt::ByteView bytes) {
  const auto number = [bytes](std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
  };
  const std::string_view names = mqtt::as_text(bytes.subspan(4));
  const std::size_t client_size = number(2);
  return {names.substr(0, client_size), names.substr(client_size), number(0)};
}

}  // namespace broker
