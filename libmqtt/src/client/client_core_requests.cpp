// What the owner asks for: sent at once, queued, or refused.
#include <algorithm>
#include <utility>

#include "client_core.h"
#include "mqtt/protocol/topic.h"

namespace mqtt::client {

// --- PUBLISH ---------------------------------------------------------------------------------

tl::expected<void, SendError> Client::Core::publish(const Publish& message, PublishDone done) {
  if (waiting_bytes() >= options_.max_waiting_bytes) {
    owes_room_ = true;
    return tl::unexpected(SendError::queue_full);
  }
  const bool may_wait = message.qos != QoS::at_most_once;
  const bool must_wait = !queue_.empty() || !session_.has_room();
  auto result = may_wait && must_wait ? enqueue(message, std::move(done))
                                      : publish_at_once(message, std::move(done));
  if (congested()) owes_room_ = true;
  return result;
}

tl::expected<void, SendError> Client::Core::publish_at_once(const Publish& message,
                                                            PublishDone done) {
  const auto packet_id = session_.publish(message, now(), output_.end());
  if (!packet_id) return tl::unexpected(packet_id.error());
  if (*packet_id != 0) {
    in_flight_.add(*packet_id, std::move(done));
  } else if (done) {
    written_.push_back({output_.total_appended(), std::move(done)});
  }
  flush_later();
  return {};
}

tl::expected<void, SendError> Client::Core::enqueue(const Publish& message, PublishDone done) {
  if (queue_.size() >= options_.max_waiting_messages) {
    owes_room_ = true;
    return tl::unexpected(SendError::queue_full);
  }
  const bool has_topic = !message.topic.empty();  // otherwise an alias may stand for it
  if (has_topic && !TopicName::parse(message.topic)) {
    return tl::unexpected(SendError::topic_invalid);
  }
  queue_.emplace_back(message, std::move(done));
  queued_bytes_ += queue_.back().size();
  return {};
}

/// In the order in which they came, as far as the window allows. What the server does not allow is
/// told to whoever waits for it.
void Client::Core::send_queued() {
  while (is_alive() && can_send_queued()) {
    QueuedPublish message = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= message.size();
    const auto packet_id = session_.publish(message.view(), now(), output_.end());
    if (packet_id) {
      in_flight_.add(*packet_id, std::move(message.done));
    } else if (message.done) {
      message.done({packet_id.error(), ReasonCode::success, {}, 0});
    }
  }
}

bool Client::Core::can_send_queued() const {
  return !queue_.empty() && session_.has_room() && output_.size() < options_.max_waiting_bytes;
}

void Client::Core::tell_written() {
  while (is_alive() && !written_.empty() && written_.front().written <= output_.total_taken()) {
    const PublishDone done = std::move(written_.front().done);
    written_.pop_front();
    done({});
  }
}

void Client::Core::fail_written(SendError error) {
  const auto lost = std::exchange(written_, {});
  for (const WrittenPublish& publish : lost) {
    if (is_alive()) publish.done({error, ReasonCode::success, {}, 0});
  }
}

// --- back-pressure ---------------------------------------------------------------------------

bool Client::Core::congested() const {
  return queue_.size() > options_.max_waiting_messages / 2 ||
         waiting_bytes() > options_.max_waiting_bytes / 2;
}

void Client::Core::tell_room() {
  if (!is_alive() || !owes_room_ || congested()) return;
  owes_room_ = false;
  handler_->on_room();
}

// --- everything else -------------------------------------------------------------------------

tl::expected<void, SendError> Client::Core::subscribe(
    std::span<const SubscriptionRequest> subscriptions, Properties properties, SubscribeDone done) {
  const auto packet_id = session_.subscribe(subscriptions, properties, now(), output_.end());
  if (!packet_id) return tl::unexpected(packet_id.error());
  if (done) requests_.emplace(*packet_id, std::move(done));
  flush_later();
  return {};
}

tl::expected<void, SendError> Client::Core::unsubscribe(std::span<const std::string_view> filters,
                                                        Properties properties, SubscribeDone done) {
  const auto packet_id = session_.unsubscribe(filters, properties, now(), output_.end());
  if (!packet_id) return tl::unexpected(packet_id.error());
  if (done) requests_.emplace(*packet_id, std::move(done));
  flush_later();
  return {};
}

void Client::Core::fail_requests(SendError error) {
  const auto unanswered = std::exchange(requests_, {});
  for (const auto& [packet_id, done] : unanswered) {
    if (is_alive()) done({error, {}, {}, packet_id});
  }
}

void Client::Core::acknowledge(ArrivalNumber number, ReasonCode reason) {
  session_.acknowledge(number, reason, now(), output_.end());
  flush_later();
}

void Client::Core::ping() {
  session_.ping(now(), output_.end());
  flush_later();
}

tl::expected<void, SendError> Client::Core::authenticate(ByteView data, Properties more) {
  flush_later();
  return session_.authenticate(data, more, now(), output_.end());
}

tl::expected<void, SendError> Client::Core::reauthenticate(ByteView data, Properties more) {
  flush_later();
  return session_.reauthenticate(data, more, now(), output_.end());
}

void Client::Core::pause() {
  paused_ = true;
  if (is_held()) stream_->pause();
}

void Client::Core::resume() {
  if (!std::exchange(paused_, false)) return;
  if (stream_) stream_->resume();
  take_turn_later();
}

}  // namespace mqtt::client
