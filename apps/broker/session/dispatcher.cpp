#include "session/dispatcher.h"

#include <utility>

#include "session/session.h"
#include "session/session_table.h"

namespace broker {

/// What one worker has for the sessions of another, gathered over a turn.
class DeliveryLetter final : public Letter {
 public:
  DeliveryLetter(const Dispatcher& from, Dispatcher& to) : from_(from), to_(to) {}

  void add(const MessagePtr& message, std::span<const Receiver> receivers) {
    deliveries_.push_back({message, static_cast<std::uint32_t>(receivers_.size()),
                           static_cast<std::uint32_t>(receivers.size())});
    receivers_.insert(receivers_.end(), receivers.begin(), receivers.end());
  }
  void add_offer(const MessagePtr& message, Dispatcher::Offer offer) {
    deliveries_.push_back({message, static_cast<std::uint32_t>(offers_.size()), 0});
    offers_.push_back(std::move(offer));
  }
  /// What was added last is a retained message of this strand.
  void add_strand(RetainedOrder::Strand strand) { strands_.push_back(strand); }
  bool full() const { return deliveries_.size() >= 512; }

  void open() override {
    for (Item& item : deliveries_) {
      Publication publication(std::move(item.message));
      if (item.count > 1) publication.keep_forms(forms_);
      if (item.count <= 1) publication.only_receiver();
      if (item.count == 0) {
        to_.take_offer(publication, std::move(offers_[item.begin]));
      } else {
        to_.deliver_here(publication, std::span(receivers_).subspan(item.begin, item.count));
      }
    }
    to_.opened(from_, strands_);
  }

 private:
  struct Item {
    MessagePtr message;
    std::uint32_t begin;  ///< into receivers_, or into offers_ if count is 0
    std::uint32_t count;
  };
  const Dispatcher& from_;  ///< to be compared only: it is another thread's
  Dispatcher& to_;
  std::vector<Item> deliveries_;
  std::vector<Receiver> receivers_;
  std::vector<Dispatcher::Offer> offers_;
  std::vector<RetainedOrder::Strand> strands_;
  WireForms forms_;
};

namespace {

Dispatcher::Offer next_turn(const ShareGroupPtr& group, bool begun) {
  const auto members = static_cast<std::uint32_t>(group->members.size());
  const std::uint32_t turn = group->key->turn.fetch_add(1, std::memory_order_relaxed);
  return {group, turn % members, members, begun};
}

}  // namespace

Dispatcher::Dispatcher(SessionContext& context, Router& router, RetainedOrder& order)
    : context_(context), router_(router), order_(order) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::connect(std::vector<Dispatcher*> dispatchers) {
  dispatchers_ = std::move(dispatchers);
  letters_.resize(dispatchers_.size());
}

/// [MQTT-4.5.0-1] Receivers of one worker get the messages of a publisher in the order in which
/// they came: at once here, in the order of one mailbox elsewhere. [MQTT-4.6.0-5] [MQTT-4.6.0-6]
bool Dispatcher::publish(Publication& publication) {
  const MessageView& view = publication.view();
  // No subscription begins between the match and the storing: each receives the message either as a
  // subscriber or as retained, and not both. [MQTT-3.3.1-8]
  if (view.retain) context_.shared_trees.read();
  const Match& match = router_.match(view.topic);
  if (match.receivers.size() > 1) publication.keep_forms(forms_);
  if (view.retain) {
    publish_retained(publication, match);
  } else {
    if (match.receivers.size() + match.groups.size() == 1) publication.only_receiver();
    for (std::size_t i = 0; i + 1 < match.begins.size(); ++i) {
      const auto receivers = match.of_one_worker(i);
      const std::uint16_t worker = receivers.front().session.worker;
      if (worker == context_.worker.index() && own_letters_ == 0) {
        deliver_here(publication, receivers);
      } else {
        letter_to(worker).add(publication.message(), receivers);
      }
    }
  }
  for (const ShareGroupPtr& group : match.groups) offer(publication, next_turn(group, false));
  return !match.empty();
}

/// Stores the message and posts it in one step, so that each mailbox has the messages of a topic in
/// the order in which they were stored (see RetainedOrder). Stored first: a replay that meets the
/// new message leaves it to the letter, and one that met the old one was before the letter.
void Dispatcher::publish_retained(Publication& publication, const Match& match) {
  const std::size_t here = context_.worker.index();
  std::span<const Receiver> at_once;
  {
    RetainedOrder::Turn turn(order_, publication.view().topic);
    context_.retained.store(publication.message());
    for (std::size_t i = 0; i + 1 < match.begins.size(); ++i) {
      const auto receivers = match.of_one_worker(i);
      const std::uint16_t worker = receivers.front().session.worker;
      if (worker == here && own_letters_ == 0 && !turn.awaits(here)) {
        at_once = receivers;
        continue;
      }
      DeliveryLetter& letter = letter_to(worker);
      letter.add(publication.message(), receivers);
      letter.add_strand(turn.post_to(worker));
      post_letter(worker);
    }
  }
  if (!at_once.empty()) deliver_here(publication, at_once);
}

void Dispatcher::opened(const Dispatcher& from, std::span<const RetainedOrder::Strand> strands) {
  if (&from == this) --own_letters_;
  for (const RetainedOrder::Strand strand : strands) order_.opened(strand, context_.worker.index());
}

void Dispatcher::offer(Publication& publication, Offer offer) {
  const ShareGroup& group = *offer.group;
  DropReason reason = DropReason::no_receivers_left;
  for (; offer.tries != 0;
       --offer.tries, offer.first = static_cast<std::uint32_t>((offer.first + 1) % group.members.size())) {
    const Receiver& member = group.members[offer.first];
    if (member.session.worker != context_.worker.index()) {
      if (offer.begun) count_on_its_way(publication, +1);
      letter_to(member.session.worker).add_offer(publication.message(), std::move(offer));
      return;
    }
    Session* session = context_.sessions->find(member.session);
    if (session == nullptr) continue;
    const Session::Offered result = session->deliver(publication, member, group.key);
    // Its session has the message until it ends. [MQTT-4.8.2-4] [MQTT-4.8.2-5] [MQTT-4.8.2-6]
    if (result.outcome == Session::Offered::Outcome::taken) {
      if (!offer.begun) context_.counters.grant();
      return;
    }
    reason = result.reason;
  }
  if (!offer.begun) context_.counters.grant();
  context_.counters.drop(reason);
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
  context_.counters.add_queued(
      sign, sign * static_cast<std::int64_t>(publication.view().payload.size()));
}

/// Each subscription has its own copy, with its own QoS and identifier. [MQTT-3.3.4-2]
/// [MQTT-3.3.4-5]
void Dispatcher::deliver_here(Publication& publication, std::span<const Receiver> receivers) {
  const bool once = !context_.config->delivery.allow_duplicate_messages && receivers.size() > 1;
  ++fan_outs_;
  for (const Receiver& receiver : receivers) {
    Session* session = context_.sessions->find(receiver.session);
    if (once && session != nullptr && !session->first_of(fan_outs_)) continue;
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
    letter = std::make_unique<DeliveryLetter>(*this, *dispatchers_[worker]);
    if (dispatchers_[worker] == this) ++own_letters_;
  }
  return *letter;
}

void Dispatcher::post_letter(std::size_t worker) {
  dispatchers_[worker]->context_.worker.post(std::move(letters_[worker]));
}

void Dispatcher::post_letters() {
  for (std::size_t worker = 0; worker < letters_.size(); ++worker) {
    if (letters_[worker]) post_letter(worker);
  }
}

}  // namespace broker
