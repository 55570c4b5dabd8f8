#include "session/dispatcher.h"

#include <utility>

#include "session/session.h"
#include "session/session_table.h"

namespace broker {

/// What one worker has for the sessions of another, gathered over a turn.
class DeliveryLetter final : public Letter {
 public:
  explicit DeliveryLetter(Dispatcher& to) : to_(to) {}

  void add(const MessagePtr& message, std::span<const Receiver> receivers) {
    deliveries_.push_back({message, static_cast<std::uint32_t>(receivers_.size()),
                           static_cast<std::uint32_t>(receivers.size())});
    receivers_.insert(receivers_.end(), receivers.begin(), receivers.end());
  }
  void add_offer(const MessagePtr& message, const ShareGroupPtr& group, std::uint32_t first,
                 std::uint32_t tries) {
    deliveries_.push_back({message, static_cast<std::uint32_t>(offers_.size()), 0});
    offers_.push_back({group, first, tries});
  }
  bool full() const { return deliveries_.size() >= 512; }

  void open() override {
    for (Item& item : deliveries_) {
      Publication publication(std::move(item.message));
      if (item.count > 1) publication.keep_forms(forms_);
      if (item.count <= 1) publication.only_receiver();
      if (item.count == 0) {
        const Offer& offer = offers_[item.begin];
        to_.offer(publication, offer.group, offer.first, offer.tries);
      } else {
        to_.deliver_here(publication, std::span(receivers_).subspan(item.begin, item.count));
      }
    }
  }

 private:
  struct Item {
    MessagePtr message;
    std::uint32_t begin;  ///< into receivers_, or into offers_ if count is 0
    std::uint32_t count;
  };
  struct Offer {
    ShareGroupPtr group;
    std::uint32_t first;
    std::uint32_t tries;
  };
  Dispatcher& to_;
  std::vector<Item> deliveries_;
  std::vector<Receiver> receivers_;
  std::vector<Offer> offers_;
  WireForms forms_;
};

Dispatcher::Dispatcher(SessionContext& context, Router& router)
    : context_(context), router_(router) {}

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
  // subscriber or as retained.
  if (view.retain) context_.shared_trees.read();
  const Match& match = router_.match(view.topic);
  if (match.receivers.size() > 1) publication.keep_forms(forms_);
  if (match.receivers.size() + match.groups.size() == 1 && !view.retain)
    publication.only_receiver();
  for (std::size_t i = 0; i + 1 < match.begins.size(); ++i) {
    const auto receivers =
        std::span(match.receivers).subspan(match.begins[i], match.begins[i + 1] - match.begins[i]);
    const std::uint16_t worker = receivers.front().session.worker;
    if (worker == context_.worker.index()) {
      deliver_here(publication, receivers);
    } else {
      letter_to(worker).add(publication.message(), receivers);
    }
  }
  for (const ShareGroupPtr& group : match.groups) {
    const auto members = static_cast<std::uint32_t>(group->members.size());
    offer(publication, group, group->turn->fetch_add(1, std::memory_order_relaxed) % members,
          members);
  }
  // Kept after it was delivered, so that nobody receives it twice for one subscription.
  // [MQTT-3.3.1-8]
  if (view.retain) context_.retained.store(publication.message());
  return !match.empty();
}

void Dispatcher::offer(Publication& publication, const ShareGroupPtr& group, std::uint32_t first,
                       std::uint32_t tries) {
  DropReason reason = DropReason::no_receivers_left;
  for (; tries != 0;
       --tries, first = (first + 1) % static_cast<std::uint32_t>(group->members.size())) {
    const Receiver& member = group->members[first];
    if (member.session.worker != context_.worker.index()) {
      letter_to(member.session.worker).add_offer(publication.message(), group, first, tries);
      return;
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
  if (letter && letter->full()) dispatchers_[worker]->context_.worker.post(std::move(letter));
  if (!letter) letter = std::make_unique<DeliveryLetter>(*dispatchers_[worker]);
  return *letter;
}

void Dispatcher::post_letters() {
  for (std::size_t worker = 0; worker < letters_.size(); ++worker) {
    if (letters_[worker]) dispatchers_[worker]->context_.worker.post(std::move(letters_[worker]));
  }
}

}  // namespace broker
