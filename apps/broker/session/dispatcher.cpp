#include "session/dispatcher.h"

#include <algorithm>
#include <utility>

#include "session/delivery_letter.h"
#include "session/session.h"
#include "session/session_table.h"

namespace broker {

Dispatcher::Dispatcher(SessionContext& context, Router& router)
    : context_(context), router_(router), fan_outs_(context.worker, *this) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::connect(std::vector<Dispatcher*> dispatchers) {
  dispatchers_ = std::move(dispatchers);
  letters_.resize(dispatchers_.size());
  known_.resize(dispatchers_.size());
  intake_.emplace(dispatchers_.size());
}

/// [MQTT-4.5.0-1] Receivers of one worker get the messages of a publisher in the order in which
/// they came: at once here, in the order of one mailbox elsewhere. [MQTT-4.6.0-5] [MQTT-4.6.0-6]
Routed Dispatcher::publish_at_once(Publication& publication) {
  const MessageView& view = publication.view();
  // No subscription begins between the match and the storing: each receives the message either as a
  // subscriber or as retained.
  if (view.retain) context_.shared_trees.read();
  const MatchPtr* const match = router_.match(view.topic);
  if (match == nullptr) return Routed::later;
  if (in_steps(view, **match)) {
    slow_match_ = *match;
    return Routed::later;
  }
  deliver(publication, *match);
  return (*match)->empty() ? Routed::nobody : Routed::received;
}

void Dispatcher::begin_fan_out(Publication& publication, RoutedLater done) {
  fan_outs_.add(publication.message(), std::exchange(slow_match_, nullptr), std::move(done));
}

/// A retained message is delivered and stored in one go, and a client that is to get one copy only
/// is known by the number of the fan-out.
bool Dispatcher::in_steps(const MessageView& view, const Match& match) const {
  return match.receivers.size() + match.groups.size() > 4 * receivers_in_step && !view.retain &&
         context_.config->delivery.allow_duplicate_messages;
}

void Dispatcher::deliver(Publication& publication, const MatchPtr& match) {
  const bool retain = publication.view().retain;
  const std::size_t receivers = size_of(*match);
  if (receivers == 1 && !retain) publication.only_receiver();
  reach(publication, match, 0, receivers);
  // Kept after it was delivered, so that nobody receives it twice for one subscription.
  // [MQTT-3.3.1-8]
  if (retain) context_.retained.store(publication.message());
}

void Dispatcher::reach(Publication& publication, const MatchPtr& match, std::size_t from,
                       std::size_t to) {
  const std::size_t plain = match->receivers.size();
  const std::size_t end = std::min(to, plain);
  if (end > from + 1) publication.keep_forms(forms_);
  for (std::size_t begin = from; begin < end;) {
    const std::size_t next =
        std::min<std::size_t>(end, *std::ranges::upper_bound(match->begins, begin));
    const std::uint16_t worker = match->receivers[begin].session.worker;
    if (worker == context_.worker.index()) {
      deliver_here(publication, std::span(match->receivers).subspan(begin, next - begin));
    } else {
      post(publication, match, worker, static_cast<std::uint32_t>(begin),
           static_cast<std::uint32_t>(next - begin));
    }
    begin = next;
  }
  for (std::size_t at = std::max(from, plain); at < to; ++at) {
    const ShareGroupPtr& group = match->groups[at - plain];
    const auto members = static_cast<std::uint32_t>(group->members.size());
    offer(publication, group, group->turn->fetch_add(1, std::memory_order_relaxed) % members,
          members);
  }
}

/// To the receivers [begin, begin + count) of the match, which are on another worker.
void Dispatcher::post(Publication& publication, const MatchPtr& match, std::uint16_t worker,
                      std::uint32_t begin, std::uint32_t count) {
  context_.worker.count_work(1);
  DeliveryLetter& letter = letter_to(worker);
  const bool droppable = publication.view().qos == mqtt::QoS::at_most_once;
  if (droppable && (known_[worker] + letter.load()).exceeds(2, 1)) {
    context_.counters.grant(count);
    context_.counters.drop(DropReason::worker_overloaded, count);
  } else {
    letter.add(publication.message(), match, begin, count);
  }
  look_at_room(worker, letter);
}

/// Whether whoever publishes goes on at once. If not, there is a letter in the making, and the
/// worker that opens it sees who waits.
void Dispatcher::look_at_room(std::uint16_t worker, const DeliveryLetter& letter) {
  if (!(known_[worker] + letter.load()).exceeds(1, 1)) return;
  dispatchers_[worker]->intake_->await_room(context_.worker.index());
  overload_ = true;
  choked_ = choked_ || (known_[worker] + letter.load()).exceeds(2, 1);
}

/// Asks to be told before it looks again: so either the worker has room by now, or it has letters
/// to open, and tells after them.
bool Dispatcher::is_still_choked() {
  choked_ = false;
  for (std::size_t worker = 0; worker < known_.size(); ++worker) {
    if (worker == context_.worker.index()) continue;
    Intake& intake = *dispatchers_[worker]->intake_;
    const Intake::Load own = letters_[worker] ? letters_[worker]->load() : Intake::Load{};
    if (!(intake.load() + own).exceeds(2, 1)) continue;
    intake.await_room(context_.worker.index());
    choked_ = choked_ || (intake.load() + own).exceeds(2, 1);
  }
  return choked_;
}

void Dispatcher::opened(const Intake::Load& load) {
  intake_->take(load);
  if (intake_->load().exceeds(1, 2)) return;
  intake_->tell_waiting([this](std::size_t worker) {
    Dispatcher& other = *dispatchers_[worker];
    other.context_.worker.post(make_letter([&other] { other.on_room(); }));
  });
}

void Dispatcher::on_room() {
  for (std::size_t worker = 0; worker < known_.size(); ++worker)
    known_[worker] = dispatchers_[worker]->intake_->load();
  if (when_others_have_room_) when_others_have_room_();
}

void Dispatcher::offer(Publication& publication, const ShareGroupPtr& group, std::uint32_t first,
                       std::uint32_t tries) {
  DropReason reason = DropReason::no_receivers_left;
  for (; tries != 0;
       --tries, first = (first + 1) % static_cast<std::uint32_t>(group->members.size())) {
    const Receiver& member = group->members[first];
    if (member.session.worker != context_.worker.index()) {
      DeliveryLetter& letter = letter_to(member.session.worker);
      letter.add_offer(publication.message(), group, first, tries);
      return look_at_room(member.session.worker, letter);
    }
    Session* session = context_.sessions->find(member.session);
    if (session == nullptr) continue;
    const Session::Offered result = session->deliver(publication, member);
    // Its session has the message for good. [MQTT-4.8.2-4] [MQTT-4.8.2-5] [MQTT-4.8.2-6]
    if (result.outcome == Session::Offered::Outcome::taken) return context_.counters.grant();
    reason = result.reason;
  }
  context_.counters.grant();
  context_.counters.drop(reason);
}

/// Each subscription has its own copy, with its own QoS and identifier. [MQTT-3.3.4-2]
/// [MQTT-3.3.4-5]
void Dispatcher::deliver_here(Publication& publication, std::span<const Receiver> receivers) {
  const bool once = !context_.config->delivery.allow_duplicate_messages && receivers.size() > 1;
  ++deliveries_here_;
  context_.worker.count_work(receivers.size());
  for (const Receiver& receiver : receivers) {
    Session* session = context_.sessions->find(receiver.session);
    if (once && session != nullptr && !session->first_of(deliveries_here_)) continue;
    const Session::Offered result = session != nullptr
                                        ? session->deliver(publication, receiver)
                                        : Session::Offered::refuse(DropReason::session_ended);
    if (result.outcome == Session::Offered::Outcome::not_for_it) continue;
    context_.counters.grant();
    if (result.outcome == Session::Offered::Outcome::refused) context_.counters.drop(result.reason);
  }
}

DeliveryLetter& Dispatcher::letter_to(std::uint16_t worker) {
  auto& letter = letters_[worker];
  if (letter && letter->full()) post_letter(worker);
  if (!letter) {
    letter = std::make_unique<DeliveryLetter>(*dispatchers_[worker]);
    known_[worker] = dispatchers_[worker]->intake_->load();
  }
  return *letter;
}

void Dispatcher::post_letter(std::size_t worker) {
  Dispatcher& to = *dispatchers_[worker];
  to.intake_->add(letters_[worker]->load());
  to.context_.worker.post(std::move(letters_[worker]));
}

void Dispatcher::post_letters() {
  for (std::size_t worker = 0; worker < letters_.size(); ++worker) {
    if (letters_[worker]) post_letter(worker);
  }
}

}  // namespace broker
