#include "routing/subscriber_list.h"

#include <algorithm>
#include <cassert>

namespace broker {

SubscriberList::Change SubscriberList::put(const Receiver& receiver) {
  assert(receiver.session.valid());
  const std::size_t at = find(receiver.session);
  if (at != absent) {
    if (receivers_[at] == receiver) return Change::none;
    receivers_[at] = receiver;
    return Change::replaced;
  }
  receivers_.push_back(receiver);
  if (index_) {
    index_->positions.insert(hash(receiver.session),
                             static_cast<std::uint32_t>(receivers_.size() - 1));
  } else if (receivers_.size() > longest_searched) {
    build_index();
  }
  return Change::added;
}

bool SubscriberList::remove(const SessionId& session) {
  const std::size_t at = find(session);
  if (at == absent) return false;
  if (!index_) {
    receivers_.erase(receivers_.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
  }
  index_->positions.erase(hash(session), [at](std::uint32_t position) { return position == at; });
  receivers_[at].session = SessionId{};
  ++index_->holes;
  if (index_->holes >= size()) close_holes();
  return true;
}

SessionId SubscriberList::after(const SessionId& session) const {
  std::size_t at = find(session);
  assert(at != absent);
  do {
    at = at + 1 == receivers_.size() ? 0 : at + 1;
  } while (!receivers_[at].session.valid());
  return receivers_[at].session;
}

/// Slots are numbers that a worker gives out, not a client: they need no secret, only to be spread.
std::uint64_t SubscriberList::hash(const SessionId& session) {
  const std::uint64_t key = (std::uint64_t{session.generation} << 32 | session.slot) ^
                            std::uint64_t{session.worker} << 24;
  return (key * 0x9E3779B97F4A7C15U) >> 32;
}

std::size_t SubscriberList::find(const SessionId& session) const {
  if (index_) {
    const std::uint32_t* position =
        index_->positions.find(hash(session), [this, &session](std::uint32_t candidate) {
          return receivers_[candidate].session == session;
        });
    return position == nullptr ? absent : *position;
  }
  const auto found = std::find_if(receivers_.begin(), receivers_.end(),
                                  [&](const Receiver& other) { return other.session == session; });
  return found == receivers_.end() ? absent : static_cast<std::size_t>(found - receivers_.begin());
}

void SubscriberList::build_index() {
  index_ = std::make_unique<Index>();
  for (std::size_t at = 0; at < receivers_.size(); ++at) {
    index_->positions.insert(hash(receivers_[at].session), static_cast<std::uint32_t>(at));
  }
}

void SubscriberList::close_holes() {
  std::erase_if(receivers_, [](const Receiver& receiver) { return !receiver.session.valid(); });
  receivers_.shrink_to_fit();
  index_.reset();
  if (receivers_.size() > longest_searched) build_index();
}

}  // namespace broker
