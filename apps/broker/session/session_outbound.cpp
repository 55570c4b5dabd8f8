/// Messages to the client: what it is granted, what waits in its queue, what is in flight, and what
/// a new subscription has yet to receive of retained messages.
///
/// A QoS 1 or 2 message goes straight out when nothing waits before it and window and connection
/// have room; otherwise it joins the queue. `send_waiting` empties what waits, in order, whenever
/// an acknowledgement or the connection makes room.

#include <algorithm>
#include <optional>
#include <utility>

#include "log/shown_name.h"
#include "session/dispatcher.h"
#include "session/message_origin.h"
#include "session/session.h"
#include "session/session_table.h"

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
  return Delivery{std::move(message), out.subscription_identifier, out.qos, out.retain,
                  std::move(share),   ticket};
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

Session::Offered Session::deliver(Publication& publication, const Receiver& receiver,
                                  const ShareKeyPtr& share) {
  const MessageView& message = publication.view();
  if (receiver.no_local && message.publisher == id())
    return {Offered::Outcome::not_for_it, {}};  // [MQTT-3.8.3-3]
  std::uint32_t ticket = 0;
  if (context_.access.active() && may_receive(message, &ticket) == Verdict::deny) {
    return Offered::refuse(DropReason::not_authorized);
  }
  OutgoingPublish out;
  // [MQTT-3.8.4-8] [MQTT-4.8.2-3]
  out.qos =
      config().delivery.upgrade_outgoing_qos ? receiver.qos : mqtt::min(message.qos, receiver.qos);
  out.retain = receiver.retain_as_published && message.retain;  // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
  out.subscription_identifier = receiver.subscription_identifier;
  if (ticket != 0) return enqueue(to_delivery(publication.message(), out, share, ticket));
  return out.qos == mqtt::QoS::at_most_once ? deliver_at_most_once(publication, out, share)
                                            : deliver_with_flow(publication, out, share);
}

bool Session::first_of(std::uint64_t fan_out) {
  return mqtt::is_v5(version_) || std::exchange(last_fan_out_, fan_out) != fan_out;
}

void Session::deliver_reply(Publication& publication) {
  if (sink_ != nullptr) sink_->send_publish(publication, OutgoingPublish{});
}

/// QoS 0 does not wait for the window, nor, mostly, in the queue of a client that is there.
/// [MQTT-4.3.1-1]
Session::Offered Session::deliver_at_most_once(Publication& publication, const OutgoingPublish& out,
                                               const ShareKeyPtr& share) {
  if (sink_ == nullptr && !config().delivery.queue_qos0_messages)
    return Offered::refuse(DropReason::offline_qos0);
  if (sink_ == nullptr || waits_at_most_once(publication.view()))
    return enqueue(to_delivery(publication.message(), out, share));
  switch (sink_->send_publish(publication, out)) {
    case SendResult::sent:
      context_.counters.deliver(0);
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
bool Session::waits_at_most_once(const MessageView& message) const {
  if (!outbound_) return false;
  return outbound_->queued_at_qos0 != 0 || (message.retain && !outbound_->queue.empty());
}

Session::Offered Session::deliver_with_flow(Publication& publication, const OutgoingPublish& out,
                                            const ShareKeyPtr& share) {
  Outbound& flows = outbound();
  const bool at_once =
      sink_ != nullptr && flows.queue.empty() && may_start(flows) && sink_->has_room();
  if (!at_once) return enqueue(to_delivery(publication.message(), out, share));
  if (start_flow(publication, out, share) == SendResult::too_large)
    return Offered::refuse(DropReason::packet_too_large);
  return {};
}

/// Sends and takes a window slot. A packet that the client cannot take gets none, as if it had been
/// delivered [MQTT-3.1.2-25]. What is sent is only gathered, so no answer can come before the flow
/// is known.
SendResult Session::start_flow(Publication& publication, const OutgoingPublish& out,
                               ShareKeyPtr share) {
  Outbound& flows = outbound();
  OutgoingPublish packet = out;
  // DUP is 0. [MQTT-4.3.2-2] [MQTT-4.3.3-2] [MQTT-3.3.1-3]
  packet.packet_id = flows.sender.next_packet_id();
  const SendResult result = sink_->send_publish(publication, packet);
  if (result == SendResult::too_large) return result;
  account_in_flight(publication.view().payload.size(), +1);
  flows.sender.start(out.qos, to_delivery(publication.keep(), out, std::move(share)));
  return result;
}

bool Session::may_start(const Outbound& out) const {
  const std::uint32_t byte_limit = config().limits.max_inflight_bytes;
  return out.sender.has_room() && (byte_limit == 0 || out.in_flight_payload_bytes < byte_limit);
}

Session::Offered Session::enqueue(Delivery delivery) {
  Outbound& out = outbound();
  const std::size_t payload = delivery.payload_bytes;
  while (queue_full(out, payload)) {
    report_overflow(out, delivery);
    switch (config().delivery.queue_overflow) {
      case QueueOverflow::drop_new:
        return Offered::refuse(DropReason::queue_full);
      case QueueOverflow::disconnect:
        if (sink_ != nullptr) sink_->disconnect(mqtt::ReasonCode::quota_exceeded);
        return Offered::refuse(DropReason::queue_full);
      case QueueOverflow::drop_old:
        if (out.queue.empty()) return Offered::refuse(DropReason::queue_full);
        account_queued(out.queue.front(), -1);
        out.queue.pop_front();
        context_.counters.drop(DropReason::queue_full);
        break;
    }
  }
  account_queued(delivery, +1);
  out.queue.push_back(std::move(delivery));
  return {};
}

/// While the client is there, as many messages as its window holds may wait beyond the limit: they
/// would be in flight if it were quicker.
bool Session::queue_full(const Outbound& out, std::size_t payload_bytes) const {
  const Limits& limits = config().limits;
  const std::size_t extra = sink_ != nullptr ? out.sender.window() : 0;
  if (limits.max_queued_messages != 0) {
    const std::size_t in_flight = sink_ != nullptr ? 0 : out.sender.in_flight();
    if (out.queue.size() + in_flight >= limits.max_queued_messages + extra) return true;
  }
  return limits.max_queued_bytes != 0 &&
         out.queued_payload_bytes + payload_bytes > limits.max_queued_bytes;
}

void Session::report_overflow(Outbound& out, const Delivery& cause) {
  if (out.overflow_reported) return;
  std::optional<Log::NotToTopics> no_echo;
  if (cause.message->topic().text().starts_with(Log::topic_root)) no_echo.emplace();
  out.overflow_reported = true;
  context_.log.write(LogType::notice, LogFields{.client = client_id(), .user = user_name()},
                     "The queue of client {} is full: messages for it are being dropped.",
                     ShownName{client_id()});
}

void Session::account_queued(const Delivery& delivery, int sign) {
  const std::size_t payload = delivery.payload_bytes;
  Outbound& out = *outbound_;
  const std::int64_t bytes = static_cast<std::int64_t>(payload) * sign;
  out.queued_payload_bytes += static_cast<std::size_t>(bytes);
  if (delivery.qos == mqtt::QoS::at_most_once)
    out.queued_at_qos0 += static_cast<std::size_t>(std::int64_t{sign});
  context_.counters.add_queued(sign, bytes);
}

// --- What waits

/// A bounded number of messages, and for `left` steps of looking for retained ones; what there is
/// beyond goes on in a slice.
void Session::send_waiting(Steps& left) {
  if (sink_ == nullptr || !outbound_) return;
  Outbound& out = *outbound_;
  if (!send_resends(out)) return;
  bool progress = true;
  for (int sent = 0; progress && sink_->has_room(); ++sent) {
    if (sent == most_sent_in_one_go) {
      send_more_later(out);
      break;
    }
    // In turns, so that a long replay and a busy queue do not starve each other.
    progress = send_queued(out);
    progress = send_retained(out, left) || progress;
  }
  if (!out.replays) return;
  out.replays->give_back();
  if (out.replays->empty()) out.replays.reset();
}

void Session::send_more_later(Outbound& out) {
  if (std::exchange(out.sends_later, true)) return;
  context_.work.later(SlicedWork::Kind::asked, [&context = context_, id = id()](Steps& left) {
    Session* session = context.sessions->find(id);
    if (session != nullptr && session->outbound_) {
      session->outbound_->sends_later = false;
      session->send_waiting(left);
    }
    return true;
  });
}

/// Sends again what the connection before left unacknowledged, expired or not. [MQTT-4.3.3-7]
/// [MQTT-4.4.0-1] False while something is left of it: nothing new may overtake it. [MQTT-4.6.0-1]
bool Session::send_resends(Outbound& out) {
  while (out.sender.resending() && sink_->has_room()) {
    const auto resend = out.sender.next_resend();
    if (!resend) return false;
    if (resend->pubrel) {
      sink_->send_acknowledgement(mqtt::PacketType::pubrel, resend->packet_id,
                                  mqtt::ReasonCode::success);
      continue;
    }
    const Delivery& delivery = *resend->item;
    Publication publication(delivery.message);
    const OutgoingPublish packet{resend->qos, delivery.retain, /*dup=*/true,
                                 resend->packet_id,  // [MQTT-3.3.1-1]
                                 delivery.subscription_identifier};
    if (sink_->send_publish(publication, packet) == SendResult::too_large) {
      context_.counters.drop(DropReason::packet_too_large);
      account_in_flight(delivery.payload_bytes, -1);
      out.sender.abandon(resend->packet_id);
    }
  }
  return !out.sender.resending();
}

/// Sends the head of the queue if it may go. False if there is none, or it must wait.
bool Session::send_queued(Outbound& out) {
  if (out.queue.empty()) return false;
  const Delivery& head = out.queue.front();
  if (head.awaiting_verdict != 0) return false;
  const bool with_flow = head.qos != mqtt::QoS::at_most_once;
  const bool expired = head.message->expires_at() != never &&
                       head.message->expired(context_.worker.now());  // [MQTT-3.3.2-5]
  if (!expired && with_flow && !may_start(out)) return false;

  Delivery delivery = std::move(out.queue.front());
  account_queued(delivery, -1);
  out.queue.pop_front();
  if (out.queue.empty()) out.overflow_reported = false;
  if (expired) {
    context_.counters.drop(DropReason::expired);
    return true;
  }
  Publication publication(std::move(delivery.message));
  publication.only_receiver();
  const OutgoingPublish packet{delivery.qos, delivery.retain, false, 0,
                               delivery.subscription_identifier};
  const SendResult result = with_flow
                                ? start_flow(publication, packet, std::move(delivery.share))
                                : sink_->send_publish(publication, packet);
  count_sent(context_.counters, result, delivery.qos);
  return true;
}

/// Sends the next retained message of the oldest replay. False if there is none, or it must wait.
bool Session::send_retained(Outbound& out, Steps& left) {
  const RetainedReplays::Replay* replay = out.replays ? out.replays->front() : nullptr;
  if (replay == nullptr) return false;
  if (replay->qos != mqtt::QoS::at_most_once && !may_start(out)) return false;
  const RetainedReplays::Next next =
      out.replays->next(context_.retained, replay_batch(replay->qos), context_.worker.now(), left);
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
  send_more_later(out);
  return false;
}

/// How many are worth reading: those that the window can take now.
std::size_t Session::replay_batch(mqtt::QoS qos) const {
  const auto& sender = outbound_->sender;
  if (qos == mqtt::QoS::at_most_once || sender.in_flight() >= sender.window())
    return largest_replay_batch;
  return std::min(largest_replay_batch, sender.window() - sender.in_flight());
}

void Session::grant_retained(const RetainedReplays::Replay& replay, const MessagePtr& message) {
  context_.counters.grant();
  OutgoingPublish packet;
  packet.qos =
      config().delivery.upgrade_outgoing_qos ? replay.qos : mqtt::min(message->qos(), replay.qos);
  packet.retain = true;  // [MQTT311-3.3.1-8]
  packet.subscription_identifier = replay.subscription_identifier;
  if (context_.access.active()) {
    std::uint32_t ticket = 0;
    const Verdict verdict = may_be_sent_retained(message->view(), &ticket);
    if (verdict == Verdict::deny) return;
    if (verdict == Verdict::later) {
      const Offered kept = enqueue(to_delivery(message, packet, {}, ticket));
      if (kept.outcome == Offered::Outcome::refused) context_.counters.drop(kept.reason);
      return;
    }
  }
  Publication publication(message);
  publication.only_receiver();
  const SendResult result = packet.qos == mqtt::QoS::at_most_once
                                ? sink_->send_publish(publication, packet)
                                : start_flow(publication, packet, {});
  count_sent(context_.counters, result, packet.qos);
}

// --- Authorisation of what the client receives

/// Who published it must still be allowed to, and the client must be allowed to receive it. Counts
/// what is denied as dropped.
Verdict Session::may_be_sent_retained(const MessageView& message, std::uint32_t* ticket) {
  const Verdict source = source_may_publish(message, ticket);
  if (source == Verdict::deny) context_.counters.drop(DropReason::source_not_authorized);
  if (source != Verdict::allow) return source;
  const Verdict verdict = may_receive(message, ticket);
  if (verdict == Verdict::deny) context_.counters.drop(DropReason::not_authorized);
  return verdict;
}

/// For check_retain_source. What the broker itself published is not asked about, nor what was
/// stored before the setting was there.
Verdict Session::source_may_publish(const MessageView& message, std::uint32_t* ticket) {
  if (message.origin.empty() || !config().delivery.check_retain_source) return Verdict::allow;
  const MessageOrigin origin = MessageOrigin::read(message.origin);
  const auto listener = listener_with_rules_of(origin.listener);
  if (!listener) return Verdict::deny;
  SessionContext& context = context_;
  const auto make_answer = [&]() -> Authoriser::Answer {
    *ticket = new_ticket();
    return [&context, id = id(), number = *ticket](bool allowed) {
      if (Session* session = context.sessions->find(id)) session->source_decided(number, allowed);
    };
  };
  const AccessRequest request{context_.worker,      origin.client_id, origin.user_name,
                              message.topic.text(), Access::publish,  *listener};
  return context_.access.authorise(request, make_answer);
}

/// The place of a listener with the rules of the one with that name. nullopt: it is gone, and its
/// rules with it.
std::optional<std::uint16_t> Session::listener_with_rules_of(std::string_view name) const {
  if (!config().per_listener_settings) return listener_;  // the same rules hold on all
  const auto& listeners = config().listeners;
  const auto found = std::ranges::find_if(listeners, [name](const ListenerConfig& one) {
    return !one.gone && broker::name(one) == name;
  });
  if (found == listeners.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - listeners.begin());
}

/// The publisher may: now the receiver is asked about, under a ticket of its own.
void Session::source_decided(std::uint32_t ticket, bool allowed) {
  const std::size_t position = position_of(ticket);
  if (position == not_queued) return;
  Delivery& delivery = outbound_->queue[position];
  std::uint32_t next_ticket = 0;
  const MessagePtr message = delivery.message;  // an authoriser sees it while the queue may change
  if (!allowed) {
    drop_from_queue(position, DropReason::source_not_authorized);
    return send_waiting();
  }
  const Verdict verdict = may_receive(message->view(), &next_ticket);
  delivery.awaiting_verdict = verdict == Verdict::later ? next_ticket : ticket;
  if (verdict != Verdict::later) receive_decided(ticket, verdict == Verdict::allow);
}

std::uint32_t Session::new_ticket() {
  Outbound& out = outbound();
  if (++out.last_ticket == 0) ++out.last_ticket;
  return out.last_ticket;
}

std::size_t Session::position_of(std::uint32_t ticket) const {
  if (!outbound_) return not_queued;
  const auto& queue = outbound_->queue;
  for (std::size_t position = 0; position < queue.size(); ++position) {
    if (queue[position].awaiting_verdict == ticket) return position;
  }
  return not_queued;
}

void Session::drop_from_queue(std::size_t position, DropReason reason) {
  context_.counters.drop(reason);
  account_queued(outbound_->queue[position], -1);
  outbound_->queue.erase(position);
}

Verdict Session::may_receive(const MessageView& message, std::uint32_t* ticket) {
  SessionContext& context = context_;
  const auto make_answer = [&]() -> Authoriser::Answer {
    *ticket = new_ticket();
    return [&context, id = id(), number = *ticket](bool allowed) {
      if (Session* session = context.sessions->find(id)) session->receive_decided(number, allowed);
    };
  };
  const AccessRequest request{context_.worker,      client_id(),     user_name(),
                              message.topic.text(), Access::receive, listener_};
  return context_.access.authorise(request, make_answer);
}

void Session::receive_decided(std::uint32_t ticket, bool allowed) {
  const std::size_t position = position_of(ticket);
  if (position == not_queued) return;
  Delivery& delivery = outbound_->queue[position];
  delivery.awaiting_verdict = 0;
  const bool gone = sink_ == nullptr && delivery.qos == mqtt::QoS::at_most_once &&
                    !config().delivery.queue_qos0_messages;
  if (!allowed || gone) {
    drop_from_queue(position, allowed ? DropReason::offline_qos0 : DropReason::not_authorized);
  }
  send_waiting();
}

/// A client that comes back, perhaps as another user, receives nothing that it may not receive now.
void Session::drop_unauthorised() {
  if (!outbound_ || !context_.access.active()) return;
  outbound_->sender.drop_if([&](const Delivery& delivery) {
    if (!denied(delivery)) return false;
    account_in_flight(delivery.payload_bytes, -1);
    return true;
  });
  access_changed();
}

void Session::access_changed() {
  if (!outbound_ || !context_.access.active()) return;
  outbound_->queue.erase_if([&](const Delivery& delivery) {
    if (!denied(delivery)) return false;
    account_queued(delivery, -1);
    return true;
  });
}

/// Counts the delivery as dropped if it is.
bool Session::denied(const Delivery& delivery) {
  const AccessRequest request{context_.worker, client_id(),
                              user_name(),     delivery.message->topic().text(),
                              Access::receive, listener_};
  const auto no_answer = []() -> Authoriser::Answer { return [](bool) {}; };
  const bool deny = context_.access.authorise(request, no_answer) == Verdict::deny;
  if (deny) context_.counters.drop(DropReason::not_authorized);
  return deny;
}

// --- Acknowledgements

Checked<> Session::on_puback(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  if (!outbound_) return {};
  const auto ack = outbound_->sender.on_puback(packet_id);
  if (ack.outcome == mqtt::AckOutcome::wrong_kind) {
    return tl::unexpected(
        Violation{mqtt::ReasonCode::protocol_error, "PUBACK for a QoS 2 message"});
  }
  if (ack.item) flow_ended(*ack.item, reason);
  send_waiting();
  return {};
}

Checked<> Session::on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  // A message that is not known any more is released all the same, so that the client can forget
  // it.
  mqtt::AckOutcome outcome = mqtt::AckOutcome::unknown;
  if (outbound_) {
    const auto ack = outbound_->sender.on_pubrec(packet_id, reason);
    outcome = ack.outcome;
    if (ack.item) flow_ended(*ack.item, reason);
  }
  switch (outcome) {
    case mqtt::AckOutcome::wrong_kind:
      return tl::unexpected(
          Violation{mqtt::ReasonCode::protocol_error, "PUBREC for a QoS 1 message"});
    case mqtt::AckOutcome::completed:
      send_waiting();
      return {};
    case mqtt::AckOutcome::unknown:
      if (mqtt::is_error(reason)) return {};
      break;
    case mqtt::AckOutcome::send_pubrel:
      break;
  }
  sink_->send_acknowledgement(mqtt::PacketType::pubrel, packet_id,
                              mqtt::ReasonCode::success);  // [MQTT-4.3.3-4]
  return {};
}

Checked<> Session::on_pubcomp(std::uint16_t packet_id) {
  if (!outbound_) return {};
  if (outbound_->sender.on_pubcomp(packet_id).outcome == mqtt::AckOutcome::wrong_kind) {
    return tl::unexpected(
        Violation{mqtt::ReasonCode::protocol_error, "PUBCOMP that no PUBREL asked for"});
  }
  send_waiting();
  return {};
}

/// The client has taken responsibility for the message, or will not have it; then nobody gets it.
/// [MQTT-4.8.2-6]
void Session::flow_ended(const Delivery& delivery, mqtt::ReasonCode reason) {
  account_in_flight(delivery.payload_bytes, -1);
  if (mqtt::is_error(reason)) {
    context_.counters.drop(DropReason::refused_by_client);
  } else {
    context_.counters.deliver(static_cast<unsigned>(delivery.qos));
  }
}

void Session::account_in_flight(std::size_t payload_bytes, int sign) {
  const std::int64_t bytes = static_cast<std::int64_t>(payload_bytes) * sign;
  outbound_->in_flight_payload_bytes += static_cast<std::size_t>(bytes);
  context_.counters.add_in_flight(sign, bytes);
}

Session::Outbound& Session::outbound() {
  if (!outbound_) {
    outbound_ = std::make_unique<Outbound>();
    outbound_->sender.set_window(send_window_);
  }
  return *outbound_;
}

}  // namespace broker
