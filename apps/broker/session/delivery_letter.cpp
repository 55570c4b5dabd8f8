#include "session/delivery_letter.h"

#include <utility>

#include "message/publication.h"

namespace broker {

void DeliveryLetter::add(const MessagePtr& message, const MatchPtr& match, std::uint32_t begin,
                         std::uint32_t count) {
  if (count <= most_copied) {
    const auto first = match->receivers.begin() + begin;
    items_.push_back(
        {message, static_cast<std::uint32_t>(receivers_.size()), count, 0, Kind::copied});
    receivers_.insert(receivers_.end(), first, first + count);
    return account(message, count, count * sizeof(Receiver));
  }
  if (matches_.empty() || matches_.back() != match) matches_.push_back(match);
  items_.push_back(
      {message, begin, count, static_cast<std::uint32_t>(matches_.size() - 1), Kind::shared});
  account(message, count, 0);
}

void DeliveryLetter::add_offer(const MessagePtr& message, const Dispatcher::Offer& offer) {
  items_.push_back({message, static_cast<std::uint32_t>(offers_.size()), 1, 0, Kind::offer});
  offers_.push_back(offer);
  account(message, 1, sizeof offer);
}

void DeliveryLetter::account(const MessagePtr& message, std::uint32_t deliveries,
                             std::size_t bytes) {
  load_.deliveries += deliveries;
  load_.bytes += static_cast<std::int64_t>(message->footprint() + sizeof(Item) + bytes);
}

std::span<const Receiver> DeliveryLetter::receivers_of(const Item& item) const {
  const std::vector<Receiver>& all =
      item.kind == Kind::shared ? matches_[item.match]->receivers : receivers_;
  return std::span(all).subspan(item.begin, item.count);
}

void DeliveryLetter::open() {
  for (Item& item : items_) {
    Publication publication(std::move(item.message));
    if (item.count > 1) publication.keep_forms(forms_);
    if (item.count <= 1) publication.only_receiver();
    if (item.kind == Kind::offer) {
      to_.take_offer(publication, std::move(offers_[item.begin]));
    } else {
      to_.deliver_here(publication, receivers_of(item));
    }
  }
  to_.opened(from_, load_, strands_);
}

}  // namespace broker
