// What the server's packets lead to: calls of the handler and of completions.
#include <utility>
#include <variant>

#include "client_core.h"

namespace mqtt::client {

using Cause = ConnectionEnd::Cause;

/// Handles what has been read, then sends what that led to. Each event may end the connection, or
/// the client.
void Client::Core::handle_events() {
  handling_ = true;
  while (is_alive() && !is_held() && stream_) {
    const auto event = session_.next_event(output_.end());
    if (!event) break;
    std::visit([this](const auto& one) { on_event(one); }, *event);
  }
  if (!is_alive()) return;
  if (is_held()) session_.keep_unread();
  send_queued();
  handling_ = false;
  if (is_alive()) flush();
}

void Client::Core::on_event(const client_event::Connected& event) {
  state_ = State::connected;
  was_connected_ = true;
  backoff_.on_success();
  wait_->stop();
  arm_keep_alive();
  if (paused_) stream_->pause();
  handler_->on_connected(event.connack);
}

void Client::Core::on_event(const client_event::Refused& event) {
  finish({Cause::refused, std::string(name(event.connack.reason, PacketType::connack)),
          event.connack.reason, PropertyList(event.connack.properties)});
}

void Client::Core::on_event(const client_event::DisconnectedByServer& event) {
  finish({Cause::by_server, std::string(name(event.disconnect.reason, PacketType::disconnect)),
          event.disconnect.reason, PropertyList(event.disconnect.properties)});
}

/// A DISCONNECT with the reason may be waiting to be sent; whoever does not answer is not told.
void Client::Core::on_event(const client_event::Failed& event) {
  const bool is_silent = event.reason == ReasonCode::keep_alive_timeout;
  End end{is_silent ? Cause::timed_out : Cause::protocol_error,
          std::string(event.detail),
          event.reason,
          {}};
  return is_silent ? finish(std::move(end)) : end_with(std::move(end));
}

void Client::Core::on_event(const client_event::MessageReceived& event) {
  handler_->on_message(event.message, event.number);
}

void Client::Core::on_event(const client_event::AuthReceived& event) {
  handler_->on_auth(event.auth);
}

void Client::Core::on_event(const client_event::Published& event) {
  complete(event.packet_id, {std::nullopt, event.reason, event.properties, event.packet_id});
}

void Client::Core::on_event(const client_event::PublishLost& event) {
  complete(event.packet_id, {event.error, ReasonCode::success, {}, event.packet_id});
}

void Client::Core::on_event(const client_event::Subscribed& event) {
  const Suback& suback = event.suback;
  answer(suback.packet_id, {std::nullopt, suback.reasons, suback.properties, suback.packet_id});
}

void Client::Core::on_event(const client_event::Unsubscribed& event) {
  const Unsuback& unsuback = event.unsuback;
  answer(unsuback.packet_id,
         {std::nullopt, unsuback.reasons, unsuback.properties, unsuback.packet_id});
}

void Client::Core::complete(std::uint16_t packet_id, const PublishResult& result) {
  if (const PublishDone done = in_flight_.take(packet_id)) done(result);
}

void Client::Core::answer(std::uint16_t packet_id, const SubscribeResult& result) {
  const auto entry = requests_.extract(packet_id);
  if (!entry.empty()) entry.mapped()(result);
}

}  // namespace mqtt::client
