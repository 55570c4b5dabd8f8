#include "session/dispatcher.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "session/delivery_letter.h"
#include "session/session.h"
#include "session/session_table.h"

namespace broker {

namespace {

Dispatcher::Offer next_turn(const ShareGroupPtr& group, bool begun) {
  const auto members = static_cast<std::uint32_t>(group->members.size());
  const std::uint32_t turn = group->key->turn.fetch_add(1, std::memory_order_relaxed);
  return {group, turn % members, members, begun};
}

/// Calls reach(worker, begin, count) for the receivers [from, to) of each worker.
template <class Reach>
void for_each_worker(const Match& match, std::size_t from, std::size_t to, Reach reach) {
  for (std::size_t begin = from; begin < to;) {
    const std::size_t next =
        std::min<std::size_t>(to, *std::ranges::upper_bound(match.begins, begin));
    reach(match.receivers[begin].session.worker, static_cast<std::uint32_t>(begin),
          static_cast<std::uint32_t>(next - begin));
    begin = next;
  }
}

}  // namespace

Dispatcher::Dispatcher(SessionContext& context, Router& router, RetainedOrder& order)
    : context_(context), router_(router), order_(order), fan_outs_(context.here.worker, *this) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::connect(std::vector<Dispatcher*> dispatchers) {
  dispatchers_ = std::move(dispatchers);
  letters_.resize(dispatchers_.size());
  known_.resize(dispatchers_.size());
  quiet_.resize(dispatchers_.size());
  intake_.emplace(dispatchers_.size());
}

/// [MQTT-4.5.0-1] Receivers of one worker get the messages of a publisher in the order in which
/// they came: at once here, in the order of one mailbox elsewhere. [MQTT-4.6.0-5] [MQTT-4.6.0-6]
Routed Dispatcher::publish_at_once(Publication& publication) {
  assert(context_.here.worker.is_current());
  const MessageView& view = publication.view();
  // No subscription begins between the match and the storing: each receives the message either as a
  // subscriber or as retained, and not both. [MQTT-3.3.1-8]
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
         context_.here.config->delivery.allow_duplicate_messages;
}

void Dispatcher::deliver(Publication& publication, const MatchPtr& match) {
  if (publication.view().retain) return deliver_retained(publication, match);
  const std::size_t receivers = size_of(*match);
  if (receivers == 1) publication.only_receiver();
  reach(publication, match, 0, receivers);
}

void Dispatcher::reach(Publication& publication, const MatchPtr& match, std::size_t from,
                       std::size_t to) {
  const std::size_t plain = match->receivers.size();
  const std::size_t end = std::min(to, plain);
  if (end > from + 1) publication.keep_forms(forms_);
  for_each_worker(*match, from, end,
                  [&](std::uint16_t worker, std::uint32_t begin, std::uint32_t count) {
                    if (worker == context_.here.worker.index() && own_letters_ == 0) {
                      deliver_here(publication, std::span(match->receivers).subspan(begin, count));
                    } else {
                      post(publication, match, worker, begin, count);
                    }
                  });
  for (std::size_t at = std::max(from, plain); at < to; ++at)
    offer(publication, next_turn(match->groups[at - plain], false));
}

/// Stores the message and posts it in one step, so that each mailbox has the messages of a topic in
/// the order in which they were stored (see RetainedOrder). Stored first: a replay that meets the
/// new message leaves it to the letter, and one that met the old one was before the letter.
void Dispatcher::deliver_retained(Publication& publication, const MatchPtr& match) {
  const std::size_t plain = match->receivers.size();
  const std::size_t here = context_.here.worker.index();
  std::span<const Receiver> at_once;
  {
    RetainedOrder::Turn turn(order_, publication.view().topic);
    context_.retained.store(publication.message());
    for_each_worker(*match, 0, plain,
                    [&](std::uint16_t worker, std::uint32_t begin, std::uint32_t count) {
                      if (worker == here && own_letters_ == 0 && !turn.awaits(here)) {
                        at_once = std::span(match->receivers).subspan(begin, count);
                      } else {
                        post_in_order(publication, match, worker, begin, count, turn);
                      }
                    });
  }
  if (at_once.size() > 1) publication.keep_forms(forms_);
  if (!at_once.empty()) deliver_here(publication, at_once);
  reach(publication, match, plain, size_of(*match));
}

/// To the receivers [begin, begin + count) of the match, which are on another worker, or behind
/// letters that are.
void Dispatcher::post(Publication& publication, const MatchPtr& match, std::uint16_t worker,
                      std::uint32_t begin, std::uint32_t count) {
  context_.here.worker.count_work(1);
  DeliveryLetter& letter = letter_to(worker);
  if (is_overloaded(publication, worker, letter.load())) {
    drop_overloading(count);
  } else {
    letter.add(publication.message(), match, begin, count);
  }
  look_at_room(worker, letter.load());
}

/// The same, before the turn of the order ends. What was gathered for the worker before goes first;
/// what was posted last in this way, and lies there still as the last of all, takes more. The worker
/// is woken when all of this turn of the loop has been posted: it would only find letters of one
/// message each.
void Dispatcher::post_in_order(Publication& publication, const MatchPtr& match,
                               std::uint16_t worker, std::uint32_t begin, std::uint32_t count,
                               RetainedOrder::Turn& turn) {
  context_.here.worker.count_work(1);
  Dispatcher& to = *dispatchers_[worker];
  const MessagePtr& message = publication.message();
  known_[worker] = to.intake_->load();
  const Intake::Load gathered = letters_[worker] ? letters_[worker]->load() : Intake::Load{};
  const Intake::Load more =
      gathered + Intake::Load{count, static_cast<std::int64_t>(message->footprint())};
  look_at_room(worker, more);
  if (is_overloaded(publication, worker, more)) return drop_overloading(count);

  const auto add_to = [&](DeliveryLetter& letter) {
    letter.add(message, match, begin, count);
    letter.add_strand(turn.post_to(worker));
  };
  const auto add_to_posted = [&](Letter& posted) {
    auto& letter = static_cast<DeliveryLetter&>(posted);
    if (letter.full()) return false;
    const Intake::Load before = letter.load();
    add_to(letter);
    to.intake_->add(letter.load() - before);
    return true;
  };
  if (!letters_[worker] && to.context_.here.worker.amend(quiet_[worker], add_to_posted)) return;
  add_to(letter_to(worker));
  post_quietly(worker);
}

bool Dispatcher::is_overloaded(const Publication& publication, std::uint16_t worker,
                               const Intake::Load& more) const {
  return publication.view().qos == mqtt::QoS::at_most_once && (known_[worker] + more).exceeds(2, 1);
}

void Dispatcher::drop_overloading(std::uint32_t deliveries) {
  context_.here.counters.grant(deliveries);
  context_.here.counters.drop(DropReason::worker_overloaded, deliveries);
}

/// Whether whoever publishes goes on at once. If not, there is a letter in the making, and the
/// worker that opens it sees who waits. `more`: what that letter brings.
void Dispatcher::look_at_room(std::uint16_t worker, const Intake::Load& more) {
  if (!(known_[worker] + more).exceeds(1, 1)) return;
  dispatchers_[worker]->intake_->await_room(context_.here.worker.index());
  overload_ = true;
  choked_ = choked_ || (known_[worker] + more).exceeds(2, 1);
}

/// Asks to be told before it looks again: so either the worker has room by now, or it has letters
/// to open, and tells after them.
bool Dispatcher::is_still_choked() {
  choked_ = false;
  for (std::size_t worker = 0; worker < known_.size(); ++worker) {
    if (worker == context_.here.worker.index()) continue;
    Intake& intake = *dispatchers_[worker]->intake_;
    const Intake::Load own = letters_[worker] ? letters_[worker]->load() : Intake::Load{};
    if (!(intake.load() + own).exceeds(2, 1)) continue;
    intake.await_room(context_.here.worker.index());
    choked_ = choked_ || (intake.load() + own).exceeds(2, 1);
  }
  return choked_;
}

void Dispatcher::opened(const Dispatcher& from, const Intake::Load& load,
                        std::span<const RetainedOrder::Strand> strands) {
  if (&from == this) --own_letters_;
  for (const RetainedOrder::Strand strand : strands)
    order_.opened(strand, context_.here.worker.index());
  intake_->take(load);
  if (intake_->load().exceeds(1, 2)) return;
  intake_->tell_waiting([this](std::size_t worker) {
    Dispatcher& other = *dispatchers_[worker];
    other.context_.here.worker.post(make_letter([&other] { other.on_room(); }));
  });
}

void Dispatcher::on_room() {
  for (std::size_t worker = 0; worker < known_.size(); ++worker)
    known_[worker] = dispatchers_[worker]->intake_->load();
  if (when_others_have_room_) when_others_have_room_();
}

void Dispatcher::offer(Publication& publication, Offer offer) {
  const std::vector<Receiver>& members = offer.group->members;
  DropReason reason = offer.begun ? DropReason::session_ended : DropReason::no_receivers_left;
  while (offer.tries != 0) {
    const Receiver& member = members[offer.first];
    if (member.session.worker != context_.here.worker.index()) {
      if (offer.begun) count_on_its_way(publication, +1);
      DeliveryLetter& letter = letter_to(member.session.worker);
      letter.add_offer(publication.message(), offer);
      return look_at_room(member.session.worker, letter.load());
    }
    if (Session* session = context_.sessions.find(member.session)) {
      const Outgoing::Offered result =
          session->outgoing().deliver(publication, member, offer.group->key);
      // Its session has the message until it ends. [MQTT-4.8.2-4] [MQTT-4.8.2-5] [MQTT-4.8.2-6]
      if (result.outcome == Outgoing::Offered::Outcome::taken) {
        if (!offer.begun) context_.here.counters.grant();
        return;
      }
      reason = result.reason;
    }
    --offer.tries;
    offer.first = (offer.first + 1) % static_cast<std::uint32_t>(members.size());
  }
  if (!offer.begun) context_.here.counters.grant();
  context_.here.counters.drop(reason);
}

void Dispatcher::take_offer(Publication& publication, Offer offer) {
  if (offer.begun) count_on_its_way(publication, -1);
  this->offer(publication, std::move(offer));
}

void Dispatcher::hand_over(Publication& publication, const ShareGroupPtr& group) {
  offer(publication, next_turn(group, true));
}

/// A delivery that was begun and lies in a letter is one of those that wait.
void Dispatcher::count_on_its_way(const Publication& publication, int sign) {
  context_.here.counters.add_queued(
      sign, sign * static_cast<std::int64_t>(publication.view().payload.size()));
}

/// Each subscription has its own copy, with its own QoS and identifier. [MQTT-3.3.4-2]
/// [MQTT-3.3.4-5]
void Dispatcher::deliver_here(Publication& publication, std::span<const Receiver> receivers) {
  assert(context_.here.worker.is_current());
  const bool once =
      !context_.here.config->delivery.allow_duplicate_messages && receivers.size() > 1;
  ++deliveries_here_;
  context_.here.worker.count_work(receivers.size());
  for (const Receiver& receiver : receivers) {
    Session* session = context_.sessions.find(receiver.session);
    if (once && session != nullptr && !session->outgoing().first_of(deliveries_here_)) continue;
    const Outgoing::Offered result = session != nullptr
                                         ? session->outgoing().deliver(publication, receiver)
                                         : Outgoing::Offered::refuse(DropReason::session_ended);
    if (result.outcome == Outgoing::Offered::Outcome::not_for_it) continue;
    context_.here.counters.grant();
    if (result.outcome == Outgoing::Offered::Outcome::refused)
      context_.here.counters.drop(result.reason);
  }
}

DeliveryLetter& Dispatcher::letter_to(std::uint16_t worker) {
  auto& letter = letters_[worker];
  if (letter && letter->full()) post_letter(worker);
  if (!letter) {
    letter = std::make_unique<DeliveryLetter>(*this, *dispatchers_[worker]);
    if (dispatchers_[worker] == this) ++own_letters_;
    known_[worker] = dispatchers_[worker]->intake_->load();
  }
  return *letter;
}

void Dispatcher::post_letter(std::size_t worker) {
  Dispatcher& to = *dispatchers_[worker];
  to.intake_->add(letters_[worker]->load());
  to.context_.here.worker.post(std::move(letters_[worker]));
}

void Dispatcher::post_quietly(std::size_t worker) {
  Dispatcher& to = *dispatchers_[worker];
  to.intake_->add(letters_[worker]->load());
  quiet_[worker] = to.context_.here.worker.post_quietly(std::move(letters_[worker]));
  to_wake_.push_back(static_cast<std::uint16_t>(worker));
}

void Dispatcher::post_letters() {
  for (std::size_t worker = 0; worker < letters_.size(); ++worker) {
    if (letters_[worker]) post_letter(worker);
  }
  for (const std::uint16_t worker : to_wake_) dispatchers_[worker]->context_.here.worker.wake();
  to_wake_.clear();
}

}  // namespace broker
