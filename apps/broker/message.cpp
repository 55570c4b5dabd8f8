#include "message.h"

#include <cstring>
#include <new>

namespace broker {

MessagePtr Message::create(const MessageView& view) {
  const std::size_t tail =
      view.topic.text().size() + view.properties.bytes().size() + view.payload.size();
  void* memory = ::operator new(sizeof(Message) + tail);
  return MessagePtr(new (memory) Message(view));
}

Message::Message(const MessageView& view)
    : payload_size_(static_cast<std::uint32_t>(view.payload.size())),
      properties_size_(static_cast<std::uint32_t>(view.properties.bytes().size())),
      topic_size_(static_cast<std::uint16_t>(view.topic.text().size())),
      qos_(view.qos),
      retain_(view.retain),
      expires_at_(view.expires_at),
      publisher_(view.publisher) {
  auto* out = reinterpret_cast<std::uint8_t*>(this + 1);
  const auto append = [&out](const void* bytes, std::size_t size) {
    if (size != 0) std::memcpy(out, bytes, size);
    out += size;
  };
  append(view.topic.text().data(), topic_size_);
  append(view.properties.bytes().data(), properties_size_);
  append(view.payload.data(), payload_size_);
}

MessageView Message::view() const {
  return MessageView{topic(), payload(), qos_, retain_, properties(), expires_at_, publisher_};
}

void Message::destroy(const Message* message) {
  message->~Message();
  ::operator delete(const_cast<Message*>(message));
}

}  // namespace broker
