#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/property.h"
#include "mqtt/protocol/qos.h"
#include "mqtt/protocol/topic.h"

/// What the rooms of the broker hand to each other.
namespace broker {

/// Milliseconds of the broker's monotonic clock.
using Millis = std::int64_t;
inline constexpr Millis never = INT64_MAX;

/// Which session, on which worker. A value that may outlive the session: whoever uses it asks the
/// worker's SessionTable, which compares the generation.
struct SessionId {
  std::uint32_t slot = UINT32_MAX;
  std::uint32_t generation = 0;
  std::uint16_t worker = 0;

  bool valid() const { return slot != UINT32_MAX; }
  bool operator==(const SessionId&) const = default;
};

class Message;

/// A counted reference to a Message; may cross threads.
class MessagePtr {
 public:
  MessagePtr() = default;
  MessagePtr(const MessagePtr& other);
  MessagePtr(MessagePtr&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
  MessagePtr& operator=(MessagePtr other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~MessagePtr();

  const Message* get() const { return message_; }
  const Message& operator*() const { return *message_; }
  const Message* operator->() const { return message_; }
  explicit operator bool() const { return message_ != nullptr; }

 private:
  friend class Message;
  explicit MessagePtr(const Message* adopted) : message_(adopted) {}
  const Message* message_ = nullptr;
};

/// A message while it is being published: a view, valid during one call chain. A QoS 0 message that
/// is delivered immediately never becomes a Message.
struct MessageView {
  mqtt::TopicName topic;
  mqtt::ByteView payload;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  /// Forwarded unaltered: payload format, content type, response topic, correlation data,
  /// user properties. [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17]
  /// [MQTT-3.3.2-20]
  mqtt::Properties properties;
  Millis expires_at = never;
  /// Who published it; not valid() for the broker's own messages. For No Local.
  SessionId publisher;
  /// As whom it was published, as MessageOrigin writes it; empty: the broker's own, or nobody is
  /// going to ask. Kept with a message that is retained while check_retain_source is on.
  mqtt::ByteView origin = {};
};

/// An application message: immutable, shared by all that hold it, on any thread. One allocation
/// holds the fields, the topic, the properties and the payload.
class Message {
 public:
  static MessagePtr create(const MessageView& view);

  MessageView view() const;
  mqtt::TopicName topic() const {
    return mqtt::TopicName::from_valid(mqtt::as_text({data(), topic_size_}));
  }
  mqtt::Properties properties() const {
    return mqtt::Properties::from_valid_bytes({data() + topic_size_, properties_size_});
  }
  mqtt::ByteView payload() const {
    return {data() + topic_size_ + properties_size_, payload_size_};
  }
  mqtt::QoS qos() const { return qos_; }
  bool retain() const { return retain_; }
  Millis expires_at() const { return expires_at_; }
  bool expired(Millis now) const { return now >= expires_at_; }
  const SessionId& publisher() const { return publisher_; }
  mqtt::ByteView origin() const {
    return {data() + topic_size_ + properties_size_ + payload_size_, origin_size_};
  }
  /// Bytes of memory that the message uses.
  std::size_t footprint() const {
    return sizeof(Message) + topic_size_ + properties_size_ + payload_size_ + origin_size_;
  }

 private:
  friend class MessagePtr;
  explicit Message(const MessageView& view);
  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(this + 1); }
  static void destroy(const Message* message);

  mutable std::atomic<std::uint32_t> references_{1};
  std::uint32_t payload_size_;
  std::uint32_t properties_size_;
  std::uint16_t topic_size_;
  mqtt::QoS qos_;
  bool retain_;
  Millis expires_at_;
  SessionId publisher_;
  std::uint32_t origin_size_;
};

inline MessagePtr::MessagePtr(const MessagePtr& other) : message_(other.message_) {
  if (message_ != nullptr) message_->references_.fetch_add(1, std::memory_order_relaxed);
}

inline MessagePtr::~MessagePtr() {
  if (message_ == nullptr) return;
  // The only reference needs no locked instruction: nothing can race with it.
  const bool is_last = message_->references_.load(std::memory_order_acquire) == 1 ||
                       message_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  if (is_last) Message::destroy(message_);
}

}  // namespace broker
