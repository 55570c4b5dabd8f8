#include "session/incoming.h"

#include <algorithm>
#include <cassert>

#include "log/shown_name.h"
#include "mqtt/protocol/topic.h"
#include "runtime/heap_account.h"
#include "session/ask.h"
#include "session/dispatcher.h"
#include "session/packet_log.h"
#include "session/publish_rules.h"

namespace broker {
namespace {

constexpr Millis ms_per_s = 1000;

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

tl::unexpected<Violation> violation(mqtt::ReasonCode reason, std::string_view detail) {
  return tl::unexpected(Violation{reason, detail});
}

}  // namespace

/// All that a PUBLISH pays for its line while nobody wants it is one look at the log.
inline void Incoming::log_publish(const MessageView& message, std::uint16_t packet_id,
                                  mqtt::ReasonCode refusal) const {
  if (!PacketLog::wanted(core_.log())) [[likely]]
    return;
  if (core_.sink() != nullptr)
    core_.sink()->log_publish(message, core_.last_publish_dup, packet_id, refusal);
}

// --- PUBLISH

Checked<InputOutcome> Incoming::on_publish(const mqtt::Publish& packet) {
  assert(core_.worker().is_current());
  if (auto checked = check(packet); !checked) return tl::unexpected(checked.error());
  core_.last_publish_dup = packet.dup;
  const auto topic = core_.topics().to_local(packet.topic, core_.context.scratch.topic);
  if (!topic)
    return violation(mqtt::ReasonCode::topic_name_invalid, "topic too long below the mount point");
  const MessageView message = to_message(packet, *topic);
  if (packet.qos == mqtt::QoS::at_most_once) return decide(message, 0, 0);

  const Checked<mqtt::Arrived> arrived = arrive(packet, message);
  if (!arrived) return tl::unexpected(arrived.error());
  switch (arrived->what) {
    case mqtt::Arrival::fresh:
      return decide(message, packet.packet_id, arrived->number);
    case mqtt::Arrival::duplicate:  // [MQTT-4.3.3-10]
      log_publish(message, packet.packet_id, mqtt::ReasonCode::success);
      return acknowledge(arrived->number, mqtt::ReasonCode::success);
    case mqtt::Arrival::undecided:
      log_publish(message, packet.packet_id, mqtt::ReasonCode::success);
      return InputOutcome::done;
    case mqtt::Arrival::window_exceeded:
      break;
  }
  // [MQTT-3.3.4-7]
  return violation(mqtt::ReasonCode::receive_maximum_exceeded, "Receive Maximum exceeded");
}

Checked<> Incoming::check(const mqtt::Publish& packet) const {
  using mqtt::ReasonCode;
  if (packet.qos > core_.max_qos)  // [MQTT-3.2.2-11]
    return violation(ReasonCode::qos_not_supported, "QoS above the listener's maximum");
  if (packet.retain && !core_.retain_available)  // [MQTT-3.2.2-14]
    return violation(ReasonCode::retain_not_supported, "retain is not available");
  if (!packet.properties.empty() &&
      packet.properties.contains(mqtt::PropertyId::subscription_identifier)) {
    // [MQTT-3.3.4-6]
    return violation(ReasonCode::protocol_error, "Subscription Identifier from a client");
  }
  // 3.x has no word for "not now": closed, the client keeps what was not acknowledged.
  if (heap_account.exhausted() && packet.qos != mqtt::QoS::at_most_once && !core_.is_v5()) {
    core_.counters().add(Count::memory_refused_publishes);
    core_.counters().add(Count::memory_closed_connections);
    return violation(ReasonCode::quota_exceeded, "memory limit reached");
  }
  return {};
}

MessageView Incoming::to_message(const mqtt::Publish& packet, mqtt::TopicName topic) const {
  MessageView message{topic, packet.payload, packet.qos, packet.retain,
                      {},    never,          core_.id(), origin_of(core_, packet.retain)};
  if (!packet.properties.empty()) {
    message.properties = forwarded(packet.properties, core_.context.scratch.properties);
    const std::uint32_t seconds =
        packet.properties.number(mqtt::PropertyId::message_expiry_interval).value_or(0);
    if (seconds != 0) message.expires_at = core_.worker().now() + seconds * ms_per_s;
  }
  return message;
}

/// Takes note of a QoS 1 or 2 message in the receiving flow. A PUBACK that is decided and waits for
/// the journal still holds its slot.
Checked<mqtt::Arrived> Incoming::arrive(const mqtt::Publish& packet, const MessageView& message) {
  if (packet.qos == mqtt::QoS::exactly_once) {
    if (const Checked<> noted = note_held(packet, message); !noted)
      return tl::unexpected(noted.error());
  }
  return flow().on_publish(packet.qos, packet.packet_id, core_.waiting_pubacks());
}

/// The identifier may be that of a message that is held already, and there is no room for ever more
/// of them.
Checked<> Incoming::note_held(const mqtt::Publish& packet, const MessageView& message) {
  std::optional<HeldPublish>* const held = flow().held(packet.packet_id);
  if (held != nullptr && !*held) return {};  // not decided on yet
  if (held != nullptr) {
    const Checked<bool> is_held = settle_repeat(**held, packet, message);
    if (!is_held) return tl::unexpected(is_held.error());
    if (*is_held) return {};
  }
  if (may_hold(packet.payload.size())) return {};
  return violation(mqtt::ReasonCode::quota_exceeded, "too many bytes of unreleased QoS 2 messages");
}

/// Whether one more QoS 2 message may be held until its release: at least one, and as many bytes as
/// max_inflight_bytes allows, or without that as one client may occupy of output.
bool Incoming::may_hold(std::size_t payload_bytes) const {
  const Limits& limits = core_.config().limits;
  const std::size_t limit =
      limits.max_inflight_bytes != 0 ? limits.max_inflight_bytes : limits.max_output_buffer_bytes;
  const std::size_t held = flow_->held_payload_bytes;
  return held == 0 || held + payload_bytes <= limit;
}

/// The identifier of a held message comes again: either the message again (once, or the client is
/// out of step), or another message, which takes its place. Whether it is still held.
Checked<bool> Incoming::settle_repeat(HeldPublish& held, const mqtt::Publish& packet,
                                      const MessageView& message) {
  if (!same_content(*held.message, message)) {
    core_.log().write(
        LogType::warning, LogFields{.client = core_.client_id(), .user = core_.user_name()},
        "Client {} sent another message under packet identifier {} before releasing the first.",
        ShownName{core_.client_id()}, packet.packet_id);
    flow_->held_payload_bytes -= held.message->payload().size();
    flow_->forget(packet.packet_id);
    return false;
  }
  if (held.repeated_in == core_.attachment)
    return violation(mqtt::ReasonCode::protocol_error, "QoS 2 message repeated again and again");
  held.repeated_in = core_.attachment;
  return true;
}

// --- The verdict

InputOutcome Incoming::decide(const MessageView& message, std::uint16_t packet_id,
                              mqtt::ArrivalNumber arrival) {
  mqtt::ReasonCode refused = refusal(message);
  if (refused == mqtt::ReasonCode::success) {
    const Verdict verdict = ask(
        core_, Access::publish, message.topic.text(),
        [&] {
          return Undecided{Message::create(message), packet_id, arrival};
        },
        [](Session* session, const Undecided& it, Answered answered) {
          if (session != nullptr) session->incoming().on_decided(it, answered);
        });
    if (verdict == Verdict::later) return InputOutcome::wait;
    if (verdict == Verdict::deny) refused = mqtt::ReasonCode::not_authorized;
  }
  return finish(message, packet_id, arrival, refused);
}

/// Nothing new is taken while memory_limit is reached, but for what gives memory back: the removal
/// of a retained message.
mqtt::ReasonCode Incoming::refusal(const MessageView& message) const {
  const mqtt::ReasonCode reason = broker::refusal(core_, message);
  if (reason != mqtt::ReasonCode::success) return reason;
  const bool gives_back = message.retain && message.payload.empty();
  if (!heap_account.exhausted() || gives_back) return mqtt::ReasonCode::success;
  core_.counters().add(Count::memory_refused_publishes);
  return mqtt::ReasonCode::quota_exceeded;
}

/// If the connection that asked is gone, a QoS 1 message will be sent again, and asked for again.
void Incoming::on_decided(const Undecided& it, Answered answered) {
  if (!answered.same_connection && it.message->qos() == mqtt::QoS::at_least_once) return;
  const InputOutcome outcome =
      finish(it.message->view(), it.packet_id, it.arrival,
             answered.allowed ? mqtt::ReasonCode::success : mqtt::ReasonCode::not_authorized);
  if (answered.same_connection && outcome == InputOutcome::done) core_.sink()->continue_input();
}

/// [MQTT-3.3.4-1]
InputOutcome Incoming::finish(const MessageView& message, std::uint16_t packet_id,
                              mqtt::ArrivalNumber arrival, mqtt::ReasonCode refusal) {
  log_publish(message, packet_id, refusal);
  if (mqtt::is_error(refusal)) {
    core_.counters().refuse_publish();
    return message.qos == mqtt::QoS::at_most_once ? InputOutcome::done
                                                  : acknowledge(arrival, refusal);
  }
  Publication publication(message);
  if (message.qos == mqtt::QoS::exactly_once) {
    hold(publication, packet_id);
    return acknowledge(arrival, refusal);  // [MQTT-4.3.3-8]
  }
  const Routed routed = route(publication, packet_id, arrival);
  if (routed == Routed::later) return InputOutcome::wait;
  return answer_routed(message.qos, packet_id, arrival, routed);
}

void Incoming::hold(Publication& publication, std::uint16_t packet_id) {
  std::optional<HeldPublish>* const held = flow().held(packet_id);
  if (held == nullptr) return;
  flow_->held_payload_bytes += publication.view().payload.size();
  publication.only_receiver();
  *held = HeldPublish{publication.keep()};
}

// --- PUBREL

/// An identifier that is not known (any more) is answered alike: the client only wants to be done.
/// So is one whose message has expired. [MQTT-4.3.3-13]
Checked<InputOutcome> Incoming::on_pubrel(std::uint16_t packet_id) {
  ReceivingFlow::Release released;
  if (flow_) released = flow_->on_pubrel(packet_id);
  Routed routed = Routed::received;
  if (released.item) {
    MessagePtr& message = released.item->message;
    flow_->held_payload_bytes -= message->payload().size();
    switch (ask_again(message, packet_id)) {
      case Verdict::allow:
        routed = publish_released(std::move(message), packet_id);
        break;
      case Verdict::deny:
        core_.counters().refuse_publish();
        break;
      case Verdict::later:
        return InputOutcome::wait;
    }
  }
  if (routed == Routed::later) return InputOutcome::wait;
  return answer_routed(mqtt::QoS::exactly_once, packet_id, 0, routed);
}

/// Whether a message that was held may be published now. The right was there when the message came;
/// it may have been taken since, or another user may have come for the session. PUBCOMP cannot say
/// so.
Verdict Incoming::ask_again(const MessagePtr& held, std::uint16_t packet_id) {
  return ask(
      core_, Access::publish, held->topic().text(),
      [&] {
        return Undecided{held, packet_id, 0};
      },
      [](Session* session, const Undecided& it, Answered answered) {
        if (session != nullptr) session->incoming().on_released(it, answered);
      });
}

/// To another connection the client sends PUBREL again.
void Incoming::on_released(const Undecided& it, Answered answered) {
  Routed routed = Routed::received;
  if (answered.allowed) {
    routed = publish_released(it.message, it.packet_id);
  } else {
    core_.counters().refuse_publish();
  }
  if (routed == Routed::later || !answered.same_connection) return;
  if (answer_routed(mqtt::QoS::exactly_once, it.packet_id, 0, routed) == InputOutcome::done)
    core_.sink()->continue_input();
}

/// Once its time has passed it goes nowhere. [MQTT-3.3.2-5]
Routed Incoming::publish_released(MessagePtr held, std::uint16_t packet_id) {
  Publication publication(std::move(held));
  const Millis expires_at = publication.view().expires_at;
  if (expires_at != never && core_.worker().now() >= expires_at) return Routed::nobody;
  return route(publication, packet_id, 0);
}

// --- On its way

/// The message goes its way also when the session ends meanwhile.
Routed Incoming::route(Publication& publication, std::uint16_t packet_id,
                       mqtt::ArrivalNumber arrival) {
  const MessageView& message = publication.view();
  if (message.topic.text().starts_with("$CONTROL/")) {
    answer_control(message);
    return Routed::received;
  }
  return core_.context.dispatcher.publish(publication, [&]() -> RoutedLater {
    return [&context = core_.context, id = core_.id(), attachment = core_.attachment,
            qos = message.qos, packet_id, arrival](Routed routed) {
      Session* const session = context.sessions.find(id);
      if (session == nullptr || !session->connected()) return;
      SessionCore& core = session->core();
      if (core.attachment != attachment) return;
      const InputOutcome outcome =
          session->incoming().answer_routed(qos, packet_id, arrival, routed);
      if (outcome == InputOutcome::done) core.sink()->continue_input();
    };
  });
}

/// After the message was handed to every receiver's session, or its worker. [MQTT-4.3.2-4]
/// Only QoS 1 tells whether anyone received it: QoS 2 is routed later. [MQTT-3.4.2-1]
InputOutcome Incoming::answer_routed(mqtt::QoS qos, std::uint16_t packet_id,
                                     mqtt::ArrivalNumber arrival, Routed routed) {
  switch (qos) {
    case mqtt::QoS::at_most_once:
      break;
    case mqtt::QoS::at_least_once:
      return acknowledge(arrival, routed == Routed::nobody
                                      ? mqtt::ReasonCode::no_matching_subscribers
                                      : mqtt::ReasonCode::success);
    case mqtt::QoS::exactly_once:
      core_.answer(mqtt::PacketType::pubcomp, packet_id,
                   mqtt::ReasonCode::success);  // [MQTT-4.3.3-11]
      break;
  }
  return core_.next_input();
}

InputOutcome Incoming::acknowledge(mqtt::ArrivalNumber arrival, mqtt::ReasonCode reason) {
  flow().decide(arrival, reason,
                [this](mqtt::PacketType type, std::uint16_t id, mqtt::ReasonCode code) {
                  core_.answer(type, id, code);
                });
  return core_.next_input();
}

/// Control topics are for the broker and never routed. No endpoint exists; the client is told so.
void Incoming::answer_control(const MessageView& message) const {
  const std::string topic = std::string(message.topic.text()) + "/response";
  const auto name = mqtt::TopicName::parse(topic);
  if (!name || core_.sink() == nullptr) return;
  Publication reply(MessageView{*name,
                                mqtt::as_bytes(R"({"error": "endpoint not available"})"),
                                mqtt::QoS::at_most_once,
                                false,
                                {},
                                never,
                                {}});
  core_.sink()->send_publish(reply, OutgoingPublish{});
}

// --- Connections come and go

void Incoming::on_attached() {
  if (flow_) flow_->set_window(core_.receive_window);
}

void Incoming::on_connection_lost() {
  if (!flow_) return;
  flow_->on_connection_lost();
  if (flow_->empty()) flow_.reset();
}

std::vector<Incoming::Held> Incoming::take() {
  std::vector<Held> all;
  if (!flow_) return all;
  flow_->for_each_held([&](std::uint16_t packet_id, const std::optional<HeldPublish>& held) {
    if (held) all.push_back({packet_id, held->message});
  });
  flow_.reset();
  return all;
}

void Incoming::restore(const std::vector<Held>& held) {
  for (const Held& one : held) {
    flow().restore(one.packet_id, HeldPublish{one.message});
    flow_->held_payload_bytes += one.message->payload().size();
  }
}

bool Incoming::is_quiet() const {
  return !flow_ || !flow_->has_undecided();
}

ReceivingFlow& Incoming::flow() {
  if (!flow_) flow_ = std::make_unique<ReceivingFlow>(core_.receive_window);
  return *flow_;
}

}  // namespace broker
