#include "session/message_origin.h"

namespace broker {

/// The sizes of identifier and user name in two bytes each (as MQTT has them), then the three
/// texts.
void MessageOrigin::write_to(std::vector<std::uint8_t>& bytes) const {
  bytes.clear();
  const auto add_number = [&bytes](std::size_t number) {
    bytes.push_back(static_cast<std::uint8_t>(number >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(number));
  };
  add_number(client_id.size());
  add_number(user_name.size());
  for (const std::string_view text : {client_id, user_name, listener}) {
    bytes.insert(bytes.end(), text.begin(), text.end());
  }
}

MessageOrigin MessageOrigin::read(mqtt::ByteView bytes) {
  const auto number = [bytes](std::size_t at) -> std::size_t {
    return static_cast<std::size_t>(bytes[at] << 8U | bytes[at + 1]);
  };
  const std::string_view texts = mqtt::as_text(bytes.subspan(4));
  const std::size_t client_size = number(0);
  const std::size_t user_size = number(2);
  return {texts.substr(0, client_size), texts.substr(client_size, user_size),
          texts.substr(client_size + user_size)};
}

}  // namespace broker
