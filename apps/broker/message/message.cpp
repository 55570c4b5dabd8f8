#include "message/message.h"

#include <cstring>
#include <new>

#include "message/message_memory.h"

namespace broker {

MessagePtr Message::create(const MessageView& view) {
  const std::size_t tail = view.topic.text().size() + view.properties.bytes().size() +
                           view.payload.size() + view.origin.size();
  return MessagePtr(new (MessageMemory::take(sizeof(Message) + tail)) Message(view));
}

Message::Message(const MessageView& view)
    : payload_size_(static_cast<std::uint32_t>(view.payload.size())),
      properties_size_(static_cast<std::uint32_t>(view.properties.bytes().size())),
      topic_size_(static_cast<std::uint16_t>(view.topic.text().size())),
      qos_(view.qos),
      retain_(view.retain),
      expires_at_(view.expires_at),
      publisher_(view.publisher),
      origin_size_(static_cast<std::uint32_t>(view.origin.size())) {
  auto* out = reinterpret_cast<std::uint8_t*>(this + 1);
  const auto append = [&out](const void* bytes, std::size_t size) {
    if (size != 0) std::memcpy(out, bytes, size);
    out += size;
  };
  append(view.topic.text().data(), topic_size_);
  append(view.properties.bytes().data(), properties_size_);
  append(view.payload.data(), payload_size_);
  append(view.origin.data(), origin_size_);
}

MessageView Message::view() const {
  return MessageView{topic(),      payload(),   qos_,       retain_,
                     properties(), expires_at_, publisher_, origin()};
}

void Message::destroy(const Message* message) {
  const std::size_t size = message->footprint();
  message->~Message();
  MessageMemory::give_back(const_cast<Message*>(message), size);
}

}  // namespace broker
