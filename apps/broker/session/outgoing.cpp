#include "session/outgoing.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "log/shown_name.h"
#include "session/ask.h"

namespace broker {
namespace {

/// Retained messages that are read at a time.
constexpr std::size_t largest_replay_batch = 64;
/// Messages that go out of the queue, and of the replays, before others get their turn.
constexpr int most_sent_in_one_go = 256;

Steps cost_of_sending(const Message& message) {
  return 3 + message.payload().size() / 256;
}

Delivery to_delivery(MessagePtr message, const OutgoingPublish& out, ShareKeyPtr share,
                     std::uint32_t ticket = 0) {
  return Delivery{std::move(message),
                  out.subscription_identifier,
                  out.qos,
                  out.retain,
                  std::move(share),
                  ticket};
}

/// A delivery that was granted before has been sent: done at QoS 0, in flight above, or lost here.
void count_sent(Counters& counters, SendResult result, mqtt::QoS qos) {
  switch (result) {
    case SendResult::sent:
      if (qos == mqtt::QoS::at_most_once) counters.deliver(0);
      return;
    case SendResult::too_large:
      counters.drop(DropReason::packet_too_large);
      return;
    case SendResult::no_room:
      counters.drop(DropReason::slow_consumer);
      return;
  }
}

}  // namespace

Outgoing::Offered Outgoing::deliver(Publication& publication, const Receiver& receiver,
                                    const ShareKeyPtr& share) {
  assert(core_.worker().is_current());
  const MessageView& message = publication.view();
  if (receiver.no_local && message.publisher == core_.id())
    return {Offered::Outcome::not_for_it, {}};  // [MQTT-3.8.3-3]
  std::uint32_t ticket = 0;
  if (core_.context.access.active() && may_receive(message, &ticket) == Verdict::deny)
    return Offered::refuse(DropReason::not_authorized);
  OutgoingPublish out;
  // [MQTT-3.8.4-8] [MQTT-4.8.2-3]
  out.qos = core_.config().delivery.upgrade_outgoing_qos ? receiver.qos
                                                         : mqtt::min(message.qos, receiver.qos);
  out.retain = receiver.retain_as_published && message.retain;  // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
  out.subscription_identifier = receiver.subscription_identifier;
  if (ticket != 0) return enqueue(to_delivery(publication.message(), out, share, ticket));
  return out.qos == mqtt::QoS::at_most_once ? deliver_at_most_once(publication, out, share)
                                            : deliver_with_flow(publication, out, share);
}

bool Outgoing::first_of(std::uint64_t fan_out) {
  return core_.is_v5() || std::exchange(flow().last_fan_out, fan_out) != fan_out;
}

/// QoS 0 does not wait for the window, nor, mostly, in the queue of a client that is there.
/// [MQTT-4.3.1-1]
Outgoing::Offered Outgoing::deliver_at_most_once(Publication& publication,
                                                 const OutgoingPublish& out,
                                                 const ShareKeyPtr& share) {
  if (core_.sink() == nullptr && !core_.config().delivery.queue_qos0_messages)
    return Offered::refuse(DropReason::offline_qos0);
  if (core_.sink() == nullptr || waits_at_most_once(publication.view()))
    return enqueue(to_delivery(publication.message(), out, share));
  switch (core_.sink()->send_publish(publication, out)) {
    case SendResult::sent:
      core_.counters().deliver(0);
      return {};
    case SendResult::too_large:
      return Offered::refuse(DropReason::packet_too_large);
    case SendResult::no_room:
      break;
  }
  return Offered::refuse(DropReason::slow_consumer);
}

/// What is retained may not overtake an older value of its topic, whatever the QoS; and nothing overtakes
/// what waits at QoS 0. [MQTT-4.6.0-6]
bool Outgoing::waits_at_most_once(const MessageView& message) const {
  if (!flow_) return false;
  return flow_->queued_at_qos0 != 0 || (message.retain && !flow_->queue.empty());
}

Outgoing::Offered Outgoing::deliver_with_flow(Publication& publication, const OutgoingPublish& out,
                                              const ShareKeyPtr& share) {
  const bool at_once =
      core_.sink() != nullptr && flow().queue.empty() && may_start() && core_.sink()->has_room();
  if (!at_once) return enqueue(to_delivery(publication.message(), out, share));
  if (start_flow(publication, out, share) == SendResult::too_large)
    return Offered::refuse(DropReason::packet_too_large);
  return {};
}

/// Sends and takes a window slot. A packet that the client cannot take gets none, as if it had been
/// delivered [MQTT-3.1.2-25]. What is sent is only gathered, so no answer can come before the flow
/// is known.
SendResult Outgoing::start_flow(Publication& publication, const OutgoingPublish& out,
                                ShareKeyPtr share) {
  SendingFlow& flows = flow();
  OutgoingPublish packet = out;
  // DUP is 0. [MQTT-4.3.2-2] [MQTT-4.3.3-2] [MQTT-3.3.1-3]
  packet.packet_id = flows.sender.next_packet_id();
  const SendResult result = core_.sink()->send_publish(publication, packet);
  if (result == SendResult::too_large) return result;
  account_in_flight(publication.view().payload.size(), +1);
  flows.sender.start(out.qos, to_delivery(publication.keep(), out, std::move(share)));
  return result;
}

bool Outgoing::may_start() const {
  const std::uint32_t byte_limit = core_.config().limits.max_inflight_bytes;
  return flow_->sender.has_room() &&
         (byte_limit == 0 || flow_->in_flight_payload_bytes < byte_limit);
}

Outgoing::Offered Outgoing::enqueue(Delivery delivery) {
  SendingFlow& out = flow();
  const std::size_t payload = delivery.payload_bytes;
  while (queue_full(payload)) {
    report_overflow(delivery);
    switch (core_.config().delivery.queue_overflow) {
      case QueueOverflow::drop_new:
        return Offered::refuse(DropReason::queue_full);
      case QueueOverflow::disconnect:
        if (core_.sink() != nullptr) core_.sink()->disconnect(mqtt::ReasonCode::quota_exceeded);
        return Offered::refuse(DropReason::queue_full);
      case QueueOverflow::drop_old:
        if (out.queue.empty()) return Offered::refuse(DropReason::queue_full);
        account_queued(out.queue.front(), -1);
        out.queue.pop_front();
        core_.counters().drop(DropReason::queue_full);
        break;
    }
  }
  account_queued(delivery, +1);
  out.queue.push_back(std::move(delivery));
  return {};
}

/// While the client is there, as many messages as its window holds may wait beyond the limit: they
/// would be in flight if it were quicker.
bool Outgoing::queue_full(std::size_t payload_bytes) const {
  const SendingFlow& out = *flow_;
  const Limits& limits = core_.config().limits;
  const std::size_t extra = core_.sink() != nullptr ? out.sender.window() : 0;
  if (limits.max_queued_messages != 0) {
    const std::size_t in_flight = core_.sink() != nullptr ? 0 : out.sender.in_flight();
    if (out.queue.size() + in_flight >= limits.max_queued_messages + extra) return true;
  }
  return limits.max_queued_bytes != 0 &&
         out.queued_payload_bytes + payload_bytes > limits.max_queued_bytes;
}

void Outgoing::report_overflow(const Delivery& cause) {
  if (std::exchange(flow_->overflow_reported, true)) return;
  std::optional<Log::NotToTopics> no_echo;
  if (cause.message->topic().text().starts_with(Log::topic_root)) no_echo.emplace();
  core_.log().write(LogType::notice,
                    LogFields{.client = core_.client_id(), .user = core_.user_name()},
                    "The queue of client {} is full: messages for it are being dropped.",
                    ShownName{core_.client_id()});
}

void Outgoing::account_queued(const Delivery& delivery, int sign) {
  const std::size_t payload = delivery.payload_bytes;
  SendingFlow& out = *flow_;
  const std::int64_t bytes = static_cast<std::int64_t>(payload) * sign;
  out.queued_payload_bytes += static_cast<std::size_t>(bytes);
  if (delivery.qos == mqtt::QoS::at_most_once)
    out.queued_at_qos0 += static_cast<std::size_t>(std::int64_t{sign});
  core_.counters().add_queued(sign, bytes);
}

// --- What waits

void Outgoing::on_room() {
  send_waiting(core_.context.work.left());
}

/// A bounded number of messages, and for `left` steps of looking for retained ones; what there is
/// beyond goes on in a slice.
void Outgoing::send_waiting(Steps& left) {
  if (core_.sink() == nullptr || !flow_) return;
  if (!send_resends()) return;
  bool progress = true;
  for (int sent = 0; progress && core_.sink()->has_room(); ++sent) {
    if (sent == most_sent_in_one_go) {
      send_more_later();
      break;
    }
    // In turns, so that a long replay and a busy queue do not starve each other.
    progress = send_queued();
    progress = send_retained(left) || progress;
  }
  if (!flow_->replays) return;
  flow_->replays->give_back();
  if (flow_->replays->empty()) flow_->replays.reset();
}

void Outgoing::send_more_later() {
  if (std::exchange(flow_->sends_later, true)) return;
  SessionContext& context = core_.context;
  context.work.later(SlicedWork::Kind::asked, [&context, id = core_.id()](Steps& left) {
    Session* session = context.sessions.find(id);
    if (session != nullptr) session->outgoing().go_on_sending(left);
    return true;
  });
}

void Outgoing::go_on_sending(Steps& left) {
  if (!flow_) return;
  flow_->sends_later = false;
  send_waiting(left);
}

/// Sends again what the connection before left unacknowledged, expired or not. [MQTT-4.3.3-7]
/// [MQTT-4.4.0-1] False while something is left of it: nothing new may overtake it. [MQTT-4.6.0-1]
bool Outgoing::send_resends() {
  auto& sender = flow_->sender;
  while (flow_->resend_asked == 0 && sender.resending() && core_.sink()->has_room()) {
    const auto resend = sender.next_resend();
    if (!resend) return false;
    if (resend->pubrel) {
      core_.answer(mqtt::PacketType::pubrel, resend->packet_id, mqtt::ReasonCode::success);
      continue;
    }
    switch (ask_about_resend(resend->packet_id, *resend->item)) {
      case Verdict::allow:
        send_resend(resend->packet_id, *resend->item);
        break;
      case Verdict::deny:
        abandon(resend->packet_id, *resend->item, DropReason::not_authorized);
        break;
      case Verdict::later:
        flow_->resend_asked = resend->packet_id;
        break;
    }
  }
  return flow_->resend_asked == 0 && !sender.resending();
}

void Outgoing::send_resend(std::uint16_t packet_id, const Delivery& delivery) {
  Publication publication(delivery.message);
  const OutgoingPublish packet{delivery.qos, delivery.retain, /*dup=*/true,
                               packet_id,  // [MQTT-3.3.1-1]
                               delivery.subscription_identifier};
  if (core_.sink()->send_publish(publication, packet) == SendResult::too_large)
    abandon(packet_id, delivery, DropReason::packet_too_large);
}

/// Ends a flow that has not been sent in this connection after all.
void Outgoing::abandon(std::uint16_t packet_id, const Delivery& delivery, DropReason reason) {
  core_.counters().drop(reason);
  account_in_flight(delivery.payload_bytes, -1);
  flow_->sender.abandon(packet_id);
}

/// Sends the head of the queue if it may go. False if there is none, or it must wait.
bool Outgoing::send_queued() {
  SendingFlow& out = *flow_;
  if (!out.queue.empty() && out.queue.front().to_be_asked) ask_about_queue();
  if (out.queue.empty()) return false;
  const Delivery& head = out.queue.front();
  if (head.awaiting_verdict != 0) return false;
  const bool with_flow = head.qos != mqtt::QoS::at_most_once;
  const bool expired = head.message->expires_at() != never &&
                       head.message->expired(core_.worker().now());  // [MQTT-3.3.2-5]
  if (!expired && with_flow && !may_start()) return false;

  Delivery delivery = std::move(out.queue.front());
  account_queued(delivery, -1);
  out.queue.pop_front();
  if (out.queue.empty()) out.overflow_reported = false;
  if (expired) {
    core_.counters().drop(DropReason::expired);
    return true;
  }
  Publication publication(std::move(delivery.message));
  publication.only_receiver();
  const OutgoingPublish packet{delivery.qos, delivery.retain, false, 0,
                               delivery.subscription_identifier};
  const SendResult result = with_flow ? start_flow(publication, packet, std::move(delivery.share))
                                      : core_.sink()->send_publish(publication, packet);
  count_sent(core_.counters(), result, delivery.qos);
  return true;
}

/// Sends the next retained message of the oldest replay. False if there is none, or it must wait.
bool Outgoing::send_retained(Steps& left) {
  SendingFlow& out = *flow_;
  const RetainedReplays::Replay* replay = out.replays ? out.replays->front() : nullptr;
  if (replay == nullptr) return false;
  if (replay->qos != mqtt::QoS::at_most_once && !may_start()) return false;
  const RetainedReplays::Next next = out.replays->next(
      core_.context.retained, replay_batch(replay->qos), core_.worker().now(), left);
  switch (next.outcome) {
    case RetainedReplays::Outcome::message:
      spend(left, cost_of_sending(*next.message));
      grant_retained(*replay, next.message);
      return true;
    case RetainedReplays::Outcome::over:
      return true;
    case RetainedReplays::Outcome::stopped:
      break;
  }
  send_more_later();
  return false;
}

/// How many are worth reading: those that the window can take now.
std::size_t Outgoing::replay_batch(mqtt::QoS qos) const {
  const auto& sender = flow_->sender;
  if (qos == mqtt::QoS::at_most_once || sender.in_flight() >= sender.window())
    return largest_replay_batch;
  return std::min(largest_replay_batch, sender.window() - sender.in_flight());
}

void Outgoing::grant_retained(const RetainedReplays::Replay& replay, const MessagePtr& message) {
  core_.counters().grant();
  OutgoingPublish packet;
  packet.qos = core_.config().delivery.upgrade_outgoing_qos ? replay.qos
                                                            : mqtt::min(message->qos(), replay.qos);
  packet.retain = true;  // [MQTT311-3.3.1-8]
  packet.subscription_identifier = replay.subscription_identifier;
  std::uint32_t ticket = 0;
  const Verdict verdict = may_be_sent_retained(message->view(), &ticket);
  if (verdict == Verdict::deny) return;
  if (verdict == Verdict::later) {
    const Offered kept = enqueue(to_delivery(message, packet, {}, ticket));
    if (kept.outcome == Offered::Outcome::refused) core_.counters().drop(kept.reason);
    return;
  }
  Publication publication(message);
  publication.only_receiver();
  const SendResult result = packet.qos == mqtt::QoS::at_most_once
                                ? core_.sink()->send_publish(publication, packet)
                                : start_flow(publication, packet, {});
  count_sent(core_.counters(), result, packet.qos);
}

// --- Acknowledgements

Checked<InputOutcome> Outgoing::on_puback(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  if (!flow_) return InputOutcome::done;
  const auto ack = flow_->sender.on_puback(packet_id);
  if (ack.outcome == mqtt::AckOutcome::wrong_kind) {
    return tl::unexpected(
        Violation{mqtt::ReasonCode::protocol_error, "PUBACK for a QoS 2 message"});
  }
  if (ack.item) flow_ended(*ack.item, reason);
  on_room();
  return InputOutcome::done;
}

Checked<InputOutcome> Outgoing::on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  // A message that is not known any more is released all the same, so that the client can forget
  // it.
  mqtt::AckOutcome outcome = mqtt::AckOutcome::unknown;
  if (flow_) {
    const auto ack = flow_->sender.on_pubrec(packet_id, reason);
    outcome = ack.outcome;
    if (ack.item) flow_ended(*ack.item, reason);
  }
  switch (outcome) {
    case mqtt::AckOutcome::wrong_kind:
      return tl::unexpected(
          Violation{mqtt::ReasonCode::protocol_error, "PUBREC for a QoS 1 message"});
    case mqtt::AckOutcome::completed:
      on_room();
      return InputOutcome::done;
    case mqtt::AckOutcome::unknown:
      if (mqtt::is_error(reason)) return InputOutcome::done;
      break;
    case mqtt::AckOutcome::send_pubrel:
      break;
  }
  core_.answer(mqtt::PacketType::pubrel, packet_id, mqtt::ReasonCode::success);  // [MQTT-4.3.3-4]
  return core_.next_input();
}

Checked<InputOutcome> Outgoing::on_pubcomp(std::uint16_t packet_id) {
  if (!flow_) return InputOutcome::done;
  if (flow_->sender.on_pubcomp(packet_id).outcome == mqtt::AckOutcome::wrong_kind) {
    return tl::unexpected(
        Violation{mqtt::ReasonCode::protocol_error, "PUBCOMP that no PUBREL asked for"});
  }
  on_room();
  return InputOutcome::done;
}

/// The client has taken responsibility for the message, or will not have it; then nobody gets it.
/// [MQTT-4.8.2-6]
void Outgoing::flow_ended(const Delivery& delivery, mqtt::ReasonCode reason) {
  account_in_flight(delivery.payload_bytes, -1);
  if (mqtt::is_error(reason)) {
    core_.counters().drop(DropReason::refused_by_client);
  } else {
    core_.counters().deliver(static_cast<unsigned>(delivery.qos));
  }
}

void Outgoing::account_in_flight(std::size_t payload_bytes, int sign) {
  const std::int64_t bytes = static_cast<std::int64_t>(payload_bytes) * sign;
  flow_->in_flight_payload_bytes += static_cast<std::size_t>(bytes);
  core_.counters().add_in_flight(sign, bytes);
}

SendingFlow& Outgoing::flow() {
  if (!flow_) {
    flow_ = std::make_unique<SendingFlow>();
    flow_->sender.set_window(core_.send_window);
  }
  return *flow_;
}

// --- Connections come and go

void Outgoing::on_attached() {
  if (!flow_) return;
  flow_->sender.set_window(core_.send_window);
  flow_->overflow_reported = false;
}

void Outgoing::resume() {
  if (!flow_) return;
  on_access_changed();
  on_room();
}

void Outgoing::on_connection_lost() {
  if (!flow_) return;
  flow_->sender.on_connection_lost();
  flow_->resend_asked = 0;
}

// --- Retained messages for a new subscription

void Outgoing::begin_replay(RetainedReplays::Replay replay) {
  auto& replays = flow().replays;
  if (!replays) replays = std::make_unique<RetainedReplays>();
  replays->hold();
  replays->begin(std::move(replay));
}

void Outgoing::cancel_replay(std::string_view filter) {
  if (!flow_ || !flow_->replays) return;
  flow_->replays->cancel(filter);
  if (flow_->replays->empty()) flow_->replays.reset();
}

void Outgoing::release_replays(Steps& left) {
  if (!flow_ || !flow_->replays) return;
  flow_->replays->release();
  send_waiting(left);
  // Mostly nothing was retained: a client that waits for its first message keeps no flows.
  if (flow_->unused()) flow_.reset();
}

void Outgoing::abandon_held_replays() {
  if (flow_ && flow_->replays) flow_->replays->release();
}

// --- As a value

Outgoing::State Outgoing::take() {
  State state;
  if (!flow_) return state;
  flow_->sender.for_each(
      [&](std::uint16_t packet_id, mqtt::QoS qos, bool, const Delivery* delivery, bool sent) {
        if (delivery != nullptr) account_in_flight(delivery->payload_bytes, -1);
        state.in_flight.push_back(
            {packet_id, qos, sent, delivery != nullptr ? std::optional(*delivery) : std::nullopt});
      });
  state.next_packet_id = flow_->sender.next_packet_id();
  state.queue.reserve(flow_->queue.size());
  for (std::size_t i = 0; i < flow_->queue.size(); ++i) {
    account_queued(flow_->queue[i], -1);
    state.queue.push_back(std::move(flow_->queue[i]));
  }
  if (flow_->replays) state.replays = flow_->replays->state();
  flow_.reset();
  return state;
}

/// A verdict that was awaited is asked for again.
void Outgoing::restore(State state) {
  const bool is_unused = state.next_packet_id == 1 && state.in_flight.empty() &&
                         state.queue.empty() && state.replays.empty();
  if (is_unused) return;
  SendingFlow& out = flow();
  for (InFlight& sent : state.in_flight) {
    if (sent.delivery) account_in_flight(sent.delivery->payload_bytes, +1);
    out.sender.restore(sent.packet_id, sent.qos, std::move(sent.delivery), sent.sent);
  }
  out.sender.restore_next_packet_id(state.next_packet_id);
  for (Delivery& delivery : state.queue) {
    if (std::exchange(delivery.awaiting_verdict, 0U) != 0) delivery.to_be_asked = true;
    account_queued(delivery, +1);
    out.queue.push_back(std::move(delivery));
  }
  if (state.replays.empty()) return;
  out.replays = std::make_unique<RetainedReplays>();
  out.replays->restore(std::move(state.replays));
}

bool Outgoing::is_quiet() const {
  return !flow_ || flow_->resend_asked == 0;
}

}  // namespace broker
