/// Messages from the client: a PUBLISH becomes a message, is checked, and is routed. QoS 0 and 1
/// are routed when they come; QoS 2 when its PUBREL releases it, so that it is routed exactly once.

#include <algorithm>

#include "log/shown_name.h"
#include "mqtt/protocol/topic.h"
#include "runtime/heap_account.h"
#include "session/dispatcher.h"
#include "session/message_origin.h"
#include "session/mount_point.h"
#include "session/packet_log.h"
#include "session/session.h"
#include "session/session_table.h"

namespace broker {
namespace {

constexpr Millis ms_per_s = 1000;

bool is_bridge_state(std::string_view topic) {
  return mqtt::matches("$SYS/broker/connection/+/state", topic);
}

/// Topics that belong to the broker: a client may not publish there.
bool is_reserved(std::string_view topic) {
  if (!topic.starts_with('$')) return false;
  return topic.starts_with("$share") || (topic.starts_with("$SYS") && !is_bridge_state(topic));
}

bool same_content(const Message& held, const MessageView& message) {
  return held.topic().text() == message.topic.text() &&
         std::ranges::equal(held.payload(), message.payload);
}

/// The properties that travel with the message; those that concern one hop only are left out. The
/// usual case, that there are none of these, copies nothing.
mqtt::Properties forwarded(mqtt::Properties properties, mqtt::PropertyList& scratch) {
  const auto is_hop = [](const mqtt::Property& property) {
    return property.id == mqtt::PropertyId::topic_alias ||
           property.id == mqtt::PropertyId::message_expiry_interval ||
           property.id == mqtt::PropertyId::subscription_identifier;
  };
  if (std::none_of(properties.begin(), properties.end(), is_hop)) return properties;
  scratch.clear();
  for (const mqtt::Property& property : properties) {
    if (!is_hop(property)) scratch.add(property);
  }
  return scratch;
}

}  // namespace

/// All that a PUBLISH pays for its line while nobody wants it is one look at the log.
inline void Session::log_publish(const MessageView& message, std::uint16_t packet_id,
                                 mqtt::ReasonCode refusal) {
  if (!PacketLog::wanted(context_.log)) [[likely]]
    return;
  if (sink_ != nullptr) sink_->log_publish(message, last_publish_dup_, packet_id, refusal);
}

Checked<InputOutcome> Session::on_publish(const mqtt::Publish& packet) {
  if (auto checked = check_publish(packet); !checked) return tl::unexpected(checked.error());
  last_publish_dup_ = packet.dup;
  thread_local std::string scratch;  // good until the next message of this worker
  const auto topic = mounted_topic(listener().mount_point, packet.topic, scratch);
  if (!topic) {
    return tl::unexpected(
        Violation{mqtt::ReasonCode::topic_name_invalid, "topic too long below the mount point"});
  }
  const MessageView message = to_message(packet, *topic);
  if (packet.qos == mqtt::QoS::at_most_once) return decide(message, 0, 0);

  const Checked<mqtt::Arrived> arrived = arrive(packet, message);
  if (!arrived) return tl::unexpected(arrived.error());
  switch (arrived->what) {
    case mqtt::Arrival::fresh:
      return decide(message, packet.packet_id, arrived->number);
    case mqtt::Arrival::duplicate:  // [MQTT-4.3.3-10]
      log_publish(message, packet.packet_id, mqtt::ReasonCode::success);
      acknowledge(packet.packet_id, arrived->number, mqtt::ReasonCode::success);
      return InputOutcome::done;
    case mqtt::Arrival::undecided:
      log_publish(message, packet.packet_id, mqtt::ReasonCode::success);
      return InputOutcome::done;
    case mqtt::Arrival::window_exceeded:
      break;
  }
  // [MQTT-3.3.4-7]
  return tl::unexpected(
      Violation{mqtt::ReasonCode::receive_maximum_exceeded, "Receive Maximum exceeded"});
}

Checked<> Session::check_publish(const mqtt::Publish& packet) const {
  using mqtt::ReasonCode;
  if (packet.qos > max_qos_) {  // [MQTT-3.2.2-11]
    return tl::unexpected(
        Violation{ReasonCode::qos_not_supported, "QoS above the listener's maximum"});
  }
  if (packet.retain && !retain_available_) {  // [MQTT-3.2.2-14]
    return tl::unexpected(Violation{ReasonCode::retain_not_supported, "retain is not available"});
  }
  if (!packet.properties.empty() &&
      packet.properties.contains(mqtt::PropertyId::subscription_identifier)) {
    // [MQTT-3.3.4-6]
    return tl::unexpected(
        Violation{ReasonCode::protocol_error, "Subscription Identifier from a client"});
  }
  // 3.x has no word for "not now": closed, the client keeps what was not acknowledged.
  if (heap_account.exhausted() && packet.qos != mqtt::QoS::at_most_once && !mqtt::is_v5(version_)) {
    context_.counters.add(Count::memory_refused_publishes);
    context_.counters.add(Count::memory_closed_connections);
    return tl::unexpected(Violation{ReasonCode::quota_exceeded, "memory limit reached"});
  }
  return {};
}

MessageView Session::to_message(const mqtt::Publish& packet, mqtt::TopicName topic) const {
  thread_local mqtt::PropertyList scratch;  // good until the next message of this worker
  MessageView message{topic, packet.payload, packet.qos, packet.retain,
                      {},    never,          id(),       origin_of(packet.retain)};
  if (!packet.properties.empty()) {
    message.properties = forwarded(packet.properties, scratch);
    const std::uint32_t seconds =
        packet.properties.number(mqtt::PropertyId::message_expiry_interval).value_or(0);
    if (seconds != 0) message.expires_at = context_.worker.now() + seconds * ms_per_s;
  }
  return message;
}

/// Good until the next message of this worker; empty where nobody is going to ask.
mqtt::ByteView Session::origin_of(bool retain) const {
  if (!retain || !config().delivery.check_retain_source) return {};
  thread_local std::vector<std::uint8_t> bytes;
  MessageOrigin{client_id(), user_name(), broker::name(listener())}.write_to(bytes);
  return bytes;
}

/// Takes note of a QoS 1 or 2 message in the receiving flow. While nothing is held there and no
/// verdict can come late, a QoS 1 message is acknowledged before the next packet is read: it needs
/// no note.
Checked<mqtt::Arrived> Session::arrive(const mqtt::Publish& packet, const MessageView& message) {
  const bool no_note = packet.qos == mqtt::QoS::at_least_once && !context_.access.active() &&
                       (!inbound_ || inbound_->empty());
  if (no_note) return mqtt::Arrived{mqtt::Arrival::fresh, 0};
  if (packet.qos == mqtt::QoS::exactly_once) {
    bool is_held = false;
    if (std::optional<HeldPublish>* held = inbound().held(packet.packet_id)) {
      const Checked<bool> settled = settle_repeat(*held, packet, message);
      if (!settled) return tl::unexpected(settled.error());
      is_held = *settled;
    }
    if (!is_held && !may_hold(packet.payload.size())) {
      return tl::unexpected(Violation{mqtt::ReasonCode::quota_exceeded,
                                      "too many bytes of unreleased QoS 2 messages"});
    }
  }
  return inbound().on_publish(packet.qos, packet.packet_id);
}

/// Whether one more QoS 2 message may be held until its release: at least one, and as many bytes as
/// max_inflight_bytes allows, or without that as one client may occupy of output.
bool Session::may_hold(std::size_t payload_bytes) {
  const Limits& limits = config().limits;
  const std::size_t limit =
      limits.max_inflight_bytes != 0 ? limits.max_inflight_bytes : limits.max_output_buffer_bytes;
  const std::size_t held = inbound().held_payload_bytes;
  return held == 0 || held + payload_bytes <= limit;
}

/// The identifier of a held message comes again: either the message again (once, or the client is
/// out of step), or another message, which takes its place. Whether it is still held.
Checked<bool> Session::settle_repeat(std::optional<HeldPublish>& held, const mqtt::Publish& packet,
                                     const MessageView& message) {
  if (!held) return true;
  if (!same_content(*held->message, message)) {
    context_.log.write(
        LogType::warning, LogFields{.client = client_id(), .user = user_name()},
        "Client {} sent another message under packet identifier {} before releasing the first.",
        ShownName{client_id()}, packet.packet_id);
    inbound().held_payload_bytes -= held->message->payload().size();
    inbound().forget(packet.packet_id);
    return false;
  }
  if (held->repeated_in == attachment_) {
    return tl::unexpected(
        Violation{mqtt::ReasonCode::protocol_error, "QoS 2 message repeated again and again"});
  }
  held->repeated_in = attachment_;
  return true;
}

InputOutcome Session::decide(const MessageView& message, std::uint16_t packet_id,
                             mqtt::ArrivalNumber arrival) {
  mqtt::ReasonCode verdict = refusal(message);
  if (verdict == mqtt::ReasonCode::success && lacks_memory_for(message)) {
    context_.counters.add(Count::memory_refused_publishes);
    verdict = mqtt::ReasonCode::quota_exceeded;
  }
  if (verdict == mqtt::ReasonCode::success && context_.access.active()) {
    const AccessRequest request{context_.worker,      client_id(),     user_name(),
                                message.topic.text(), Access::publish, listener_};
    SessionContext& context = context_;
    const auto make_answer = [&]() -> Authoriser::Answer {
      return [&context, id = id(), kept = Message::create(message), packet_id, arrival,
              attachment = attachment_](bool allowed) {
        if (Session* session = context.sessions->find(id)) {
          session->publish_decided(kept, packet_id, arrival, attachment, allowed);
        }
      };
    };
    switch (context_.access.authorise(request, make_answer)) {
      case Verdict::allow:
        break;
      case Verdict::deny:
        verdict = mqtt::ReasonCode::not_authorized;
        break;
      case Verdict::later:
        return InputOutcome::wait;
    }
  }
  return finish_publish(message, packet_id, arrival, verdict);
}

/// What a message is refused for without asking anyone. 3.x clients cannot be told: they get the
/// acknowledgement all the same. [MQTT311-3.3.5-2]
mqtt::ReasonCode Session::refusal(const MessageView& message) const {
  const std::uint32_t limit = config().limits.message_size_limit_bytes;
  if (limit != 0 && message.payload.size() > limit) return mqtt::ReasonCode::packet_too_large;
  if (is_reserved(message.topic.text())) return mqtt::ReasonCode::not_authorized;
  return mqtt::ReasonCode::success;
}

/// Nothing new is taken while memory_limit is reached, but for what gives memory back: the removal
/// of a retained message.
bool Session::lacks_memory_for(const MessageView& message) const {
  return heap_account.exhausted() && !(message.retain && message.payload.empty());
}
void Session::publish_decided(const MessagePtr& message, std::uint16_t packet_id,
                              mqtt::ArrivalNumber arrival, std::uint32_t attachment, bool allowed) {
  // The connection that asked is gone: a QoS 1 message will be sent again, and asked for again.
  const bool stale = attachment != attachment_ || sink_ == nullptr;
  if (stale && message->qos() == mqtt::QoS::at_least_once) return;
  const InputOutcome outcome =
      finish_publish(message->view(), packet_id, arrival,
                     allowed ? mqtt::ReasonCode::success : mqtt::ReasonCode::not_authorized);
  if (!stale && outcome == InputOutcome::done) sink_->continue_input();
}

/// [MQTT-3.3.4-1]
InputOutcome Session::finish_publish(const MessageView& message, std::uint16_t packet_id,
                                     mqtt::ArrivalNumber arrival, mqtt::ReasonCode refusal) {
  const bool refused = mqtt::is_error(refusal);
  log_publish(message, packet_id, refusal);
  Publication publication(message);
  if (refused) context_.counters.refuse_publish();
  if (message.qos == mqtt::QoS::exactly_once) {
    if (!refused) {
      if (std::optional<HeldPublish>* held = inbound().held(packet_id)) {
        publication.only_receiver();
        *held = HeldPublish{publication.keep()};
        inbound_->held_payload_bytes += message.payload.size();
      }
    }
    acknowledge(packet_id, arrival, refusal);  // [MQTT-4.3.3-8]
    return InputOutcome::done;
  }
  if (refused) {
    if (message.qos == mqtt::QoS::at_least_once) acknowledge(packet_id, arrival, refusal);
    return InputOutcome::done;
  }
  const Routed routed = route(publication, packet_id, arrival);
  if (routed == Routed::later) return InputOutcome::wait;
  answer_routed(message.qos, packet_id, arrival, routed);
  return InputOutcome::done;
}

Checked<InputOutcome> Session::on_pubrel(std::uint16_t packet_id) {
  // An identifier that is not known (any more) is answered alike: the client only wants to be done.
  // So is one whose message has expired. [MQTT-4.3.3-13]
  if (inbound_) {
    Inbound::Release released = inbound_->on_pubrel(packet_id);
    if (released.item) {
      inbound_->held_payload_bytes -= released.item->message->payload().size();
      switch (release(released.item->message, packet_id)) {
        case Verdict::allow:
          if (publish_released(std::move(released.item->message), packet_id) == Routed::later)
            return InputOutcome::wait;
          break;
        case Verdict::deny:
          context_.counters.refuse_publish();
          break;
        case Verdict::later:
          return InputOutcome::wait;
      }
    }
  }
  answer_routed(mqtt::QoS::exactly_once, packet_id, 0, Routed::received);
  return InputOutcome::done;
}

/// Whether a message that was held may be published now. The right was there when the message came;
/// it may have been taken since, or another user may have come for the session. PUBCOMP cannot say
/// so.
Verdict Session::release(const MessagePtr& held, std::uint16_t packet_id) {
  if (!context_.access.active()) return Verdict::allow;
  SessionContext& context = context_;
  const auto make_answer = [&]() -> Authoriser::Answer {
    return [&context, id = id(), kept = held, packet_id, attachment = attachment_](bool allowed) {
      if (Session* session = context.sessions->find(id))
        session->release_decided(kept, packet_id, attachment, allowed);
    };
  };
  return context_.access.authorise({context_.worker, client_id(), user_name(),
                                    held->topic().text(), Access::publish, listener_},
                                   make_answer);
}

void Session::release_decided(const MessagePtr& held, std::uint16_t packet_id,
                              std::uint32_t attachment, bool allowed) {
  Routed routed = Routed::received;
  if (allowed) {
    routed = publish_released(held, packet_id);
  } else {
    context_.counters.refuse_publish();
  }
  // To another connection the client sends PUBREL again.
  if (routed == Routed::later || attachment != attachment_ || sink_ == nullptr) return;
  answer_routed(mqtt::QoS::exactly_once, packet_id, 0, routed);
  sink_->continue_input();
}

/// Once its time has passed it goes nowhere. [MQTT-3.3.2-5]
Routed Session::publish_released(MessagePtr held, std::uint16_t packet_id) {
  Publication publication(std::move(held));
  const Millis expires_at = publication.view().expires_at;
  if (expires_at != never && context_.worker.now() >= expires_at) return Routed::nobody;
  return route(publication, packet_id, 0);
}

/// The message goes its way also when the session ends meanwhile.
Routed Session::route(Publication& publication, std::uint16_t packet_id,
                      mqtt::ArrivalNumber arrival) {
  const MessageView& message = publication.view();
  if (message.topic.text().starts_with("$CONTROL/")) {
    answer_control(message);
    return Routed::received;
  }
  return context_.dispatcher->publish(publication, [&]() -> RoutedLater {
    return [&context = context_, id = id(), attachment = attachment_, qos = message.qos, packet_id,
            arrival](Routed routed) {
      Session* const session = context.sessions->find(id);
      const bool waits =
          session != nullptr && session->attachment_ == attachment && session->sink_ != nullptr;
      if (!waits) return;
      session->answer_routed(qos, packet_id, arrival, routed);
      session->sink_->continue_input();
    };
  });
}

/// After the message was handed to every receiver's session, or its worker. [MQTT-4.3.2-4]
void Session::answer_routed(mqtt::QoS qos, std::uint16_t packet_id, mqtt::ArrivalNumber arrival,
                            Routed routed) {
  switch (qos) {
    case mqtt::QoS::at_most_once:
      return;
    case mqtt::QoS::at_least_once:
      return acknowledge(packet_id, arrival,
                         routed == Routed::nobody ? mqtt::ReasonCode::no_matching_subscribers
                                                  : mqtt::ReasonCode::success);
    case mqtt::QoS::exactly_once:
      sink_->send_acknowledgement(mqtt::PacketType::pubcomp, packet_id,
                                  mqtt::ReasonCode::success);  // [MQTT-4.3.3-11]
  }
}

/// Control topics are for the broker and never routed. No endpoint exists; the client is told so.
void Session::answer_control(const MessageView& message) {
  const std::string topic = std::string(message.topic.text()) + "/response";
  const auto name = mqtt::TopicName::parse(topic);
  if (!name) return;
  Publication reply(MessageView{*name,
                                mqtt::as_bytes(R"({"error": "endpoint not available"})"),
                                mqtt::QoS::at_most_once,
                                false,
                                {},
                                never,
                                {}});
  deliver_reply(reply);
}

void Session::acknowledge(std::uint16_t packet_id, mqtt::ArrivalNumber arrival,
                          mqtt::ReasonCode reason) {
  if (arrival == 0) {  // QoS 1 without a note, see `arrive`
    if (sink_ != nullptr) sink_->send_acknowledgement(mqtt::PacketType::puback, packet_id, reason);
    return;
  }
  inbound().decide(arrival, reason,
                   [this](mqtt::PacketType type, std::uint16_t id, mqtt::ReasonCode code) {
                     // Only QoS 1 tells whether anyone received it: QoS 2 is routed later.
                     // [MQTT-3.4.2-1]
                     if (sink_ != nullptr) sink_->send_acknowledgement(type, id, code);
                   });
}

Session::Inbound& Session::inbound() {
  if (!inbound_) inbound_ = std::make_unique<Inbound>(receive_window_);
  return *inbound_;
}

}  // namespace broker
