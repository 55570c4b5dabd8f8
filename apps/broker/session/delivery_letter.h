#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "message/message.h"
#include "message/wire_forms.h"
#include "routing/match.h"
#include "runtime/mailbox.h"
#include "session/dispatcher.h"
#include "session/intake.h"
#include "session/retained_order.h"

namespace broker {

/// What one worker has for the sessions of another, gathered over a turn.
class DeliveryLetter final : public Letter {
 public:
  DeliveryLetter(const Dispatcher& from, Dispatcher& to) : from_(from), to_(to) {}

  /// Receivers [begin, begin + count) of the match. A long list is shared, not copied.
  void add(const MessagePtr& message, const MatchPtr& match, std::uint32_t begin,
           std::uint32_t count);
  /// See Dispatcher::offer.
  void add_offer(const MessagePtr& message, const Dispatcher::Offer& offer);
  /// What was added last is a retained message of this strand.
  void add_strand(RetainedOrder::Strand strand) { strands_.push_back(strand); }

  bool full() const { return items_.size() >= most_items; }
  const Intake::Load& load() const { return load_; }

  void open() override;

 private:
  static constexpr std::size_t most_items = 512;
  /// Receivers up to so many are copied: cheaper than a reference that two workers count.
  static constexpr std::uint32_t most_copied = 8;

  enum class Kind : std::uint8_t { copied, shared, offer };
  struct Item {
    MessagePtr message;
    std::uint32_t begin;  ///< into receivers_, the match, or offers_
    std::uint32_t count;
    std::uint32_t match;  ///< shared: into matches_
    Kind kind;
  };
  void account(const MessagePtr& message, std::uint32_t deliveries, std::size_t bytes);
  std::span<const Receiver> receivers_of(const Item& item) const;

  const Dispatcher& from_;  ///< to be compared only: it is another thread's
  Dispatcher& to_;
  std::vector<Item> items_;
  std::vector<Receiver> receivers_;
  std::vector<MatchPtr> matches_;
  std::vector<Dispatcher::Offer> offers_;
  std::vector<RetainedOrder::Strand> strands_;
  WireForms forms_;
  Intake::Load load_;
};

}  // namespace broker
