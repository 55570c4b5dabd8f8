/// Authority over what the client receives: questions about deliveries that are new, queued, or to
/// be sent again. Each may be answered later; what it is about waits, and those behind it.

#include <algorithm>
#include <optional>
#include <utility>

#include "session/ask.h"
#include "session/message_origin.h"
#include "session/outgoing.h"

namespace broker {
namespace {

/// Of the queue, that are asked about at a time where it has to be asked again.
constexpr std::size_t most_asked_ahead = 32;
constexpr std::size_t not_queued = SIZE_MAX;

}  // namespace

/// Who published it must still be allowed to, and the client must be allowed to receive it. Counts
/// what is denied as dropped.
Verdict Outgoing::may_be_sent_retained(const MessageView& message, std::uint32_t* ticket) {
  const Verdict source = source_may_publish(message, ticket);
  if (source == Verdict::deny) core_.counters().drop(DropReason::source_not_authorized);
  if (source != Verdict::allow) return source;
  const Verdict verdict = may_receive(message, ticket);
  if (verdict == Verdict::deny) core_.counters().drop(DropReason::not_authorized);
  return verdict;
}

/// For check_retain_source. What the broker itself published is not asked about, nor what was
/// stored before the setting was there.
Verdict Outgoing::source_may_publish(const MessageView& message, std::uint32_t* ticket) {
  if (message.origin.empty() || !core_.config().delivery.check_retain_source) return Verdict::allow;
  const MessageOrigin origin = MessageOrigin::read(message.origin);
  const auto listener = listener_with_rules_of(origin.listener);
  if (!listener) return Verdict::deny;
  return ask(
      core_, ClientInfo{origin.client_id, origin.user_name, *listener}, Access::publish,
      message.topic.text(), [&] { return *ticket = new_ticket(); },
      [](Session* session, std::uint32_t asked, Answered answered) {
        if (session != nullptr) session->outgoing().on_source_decided(asked, answered);
      });
}

/// The index of a listener with the rules of the one with that name. nullopt: it is gone, and its
/// rules with it.
std::optional<std::uint16_t> Outgoing::listener_with_rules_of(std::string_view name) const {
  if (!core_.config().per_listener_settings) return core_.listener;  // the same rules hold on all
  const auto& listeners = core_.config().listeners;
  const auto found = std::ranges::find_if(listeners, [name](const ListenerConfig& one) {
    return !one.gone && broker::name(one) == name;
  });
  if (found == listeners.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - listeners.begin());
}

/// The publisher may: now the receiver is asked about, under a ticket of its own.
void Outgoing::on_source_decided(std::uint32_t ticket, Answered answered) {
  const std::size_t index = index_of(ticket);
  if (index == not_queued) return;
  if (!answered.allowed) {
    drop_from_queue(index, DropReason::source_not_authorized);
    return on_room();
  }
  Delivery& delivery = flow_->queue[index];
  const MessagePtr message = delivery.message;  // an authoriser sees it while the queue may change
  std::uint32_t next_ticket = 0;
  const Verdict verdict = may_receive(message->view(), &next_ticket);
  if (verdict == Verdict::later) {
    delivery.awaiting_verdict = next_ticket;
  } else {
    on_receive_decided(ticket, {verdict == Verdict::allow, answered.same_connection});
  }
}

Verdict Outgoing::may_receive(const MessageView& message, std::uint32_t* ticket) {
  return ask(
      core_, Access::receive, message.topic.text(), [&] { return *ticket = new_ticket(); },
      [](Session* session, std::uint32_t asked, Answered answered) {
        if (session != nullptr) session->outgoing().on_receive_decided(asked, answered);
      });
}

void Outgoing::on_receive_decided(std::uint32_t ticket, Answered answered) {
  const std::size_t index = index_of(ticket);
  if (index == not_queued) return;
  Delivery& delivery = flow_->queue[index];
  delivery.awaiting_verdict = 0;
  const bool gone = core_.sink() == nullptr && delivery.qos == mqtt::QoS::at_most_once &&
                    !core_.config().delivery.queue_qos0_messages;
  if (!answered.allowed || gone) {
    drop_from_queue(index,
                    answered.allowed ? DropReason::offline_qos0 : DropReason::not_authorized);
  }
  on_room();
}

std::uint32_t Outgoing::new_ticket() {
  SendingFlow& out = flow();
  if (++out.last_ticket == 0) ++out.last_ticket;
  return out.last_ticket;
}

std::size_t Outgoing::index_of(std::uint32_t ticket) const {
  if (!flow_) return not_queued;
  const auto& queue = flow_->queue;
  for (std::size_t index = 0; index < queue.size(); ++index) {
    if (queue[index].awaiting_verdict == ticket) return index;
  }
  return not_queued;
}

void Outgoing::drop_from_queue(std::size_t index, DropReason reason) {
  core_.counters().drop(reason);
  account_queued(flow_->queue[index], -1);
  flow_->queue.erase(index);
}

/// Marks only: the questions are put when the deliveries are near their turn, so that a long queue
/// never asks all at once.
void Outgoing::on_access_changed() {
  if (!flow_ || !core_.context.access.active()) return;
  for (std::size_t i = 0; i < flow_->queue.size(); ++i) flow_->queue[i].to_be_asked = true;
}

/// About those near the head. What is denied goes; what is still thought about waits, and those
/// behind it.
void Outgoing::ask_about_queue() {
  auto& queue = flow_->queue;
  std::size_t index = 0;
  for (std::size_t asked = 0; asked < most_asked_ahead && index < queue.size(); ++asked) {
    Delivery& delivery = queue[index];
    const bool may_ask = std::exchange(delivery.to_be_asked, delivery.awaiting_verdict != 0) &&
                         delivery.awaiting_verdict == 0;
    std::uint32_t ticket = 0;
    const MessagePtr message = delivery.message;
    const Verdict verdict = may_ask ? may_receive(message->view(), &ticket) : Verdict::allow;
    if (verdict == Verdict::deny) {
      drop_from_queue(index, DropReason::not_authorized);
      continue;
    }
    if (verdict == Verdict::later) delivery.awaiting_verdict = ticket;
    ++index;
  }
}

Verdict Outgoing::ask_about_resend(std::uint16_t packet_id, const Delivery& delivery) {
  return ask(
      core_, Access::receive, delivery.message->topic().text(), [packet_id] { return packet_id; },
      [](Session* session, std::uint16_t asked, Answered answered) {
        if (session != nullptr) session->outgoing().on_resend_decided(asked, answered);
      });
}

/// To another connection it is sent again, and asked about again.
void Outgoing::on_resend_decided(std::uint16_t packet_id, Answered answered) {
  if (!answered.same_connection || !flow_ || flow_->resend_asked != packet_id) return;
  flow_->resend_asked = 0;
  if (const Delivery* const delivery = flow_->sender.item(packet_id)) {
    if (answered.allowed) {
      send_resend(packet_id, *delivery);
    } else {
      abandon(packet_id, *delivery, DropReason::not_authorized);
    }
  }
  on_room();
}

}  // namespace broker
