#include "bench/load/ledger.h"

namespace bench {
namespace {

Ledger::Entry take(SequenceSet& arrived, std::uint64_t number) {
  const std::uint64_t before = arrived.next();
  switch (arrived.take(number)) {
    case SequenceSet::Arrival::next:
    case SequenceSet::Arrival::ahead:
      return {Ledger::Kind::delivered, arrived.next() - before};
    case SequenceSet::Arrival::late:
      return {Ledger::Kind::delivered_late, 0};
    case SequenceSet::Arrival::duplicate:
      break;
  }
  return {Ledger::Kind::duplicate, 0};
}

}  // namespace

Ledger::Ledger(std::uint32_t first_sender, std::uint32_t senders, Users users)
    : guards_(users == Users::several_threads ? std::make_unique<Guards>() : nullptr),
      first_sender_(first_sender),
      accounts_(senders) {}

Ledger::Entry Ledger::enter(const MessageHeader& header) {
  const std::uint32_t index = header.sender - first_sender_;
  if (index >= accounts_.size()) return {};
  if (!guards_) return enter(accounts_[index], header);
  const std::lock_guard lock((*guards_)[index % guards_->size()].mutex);
  return enter(accounts_[index], header);
}

Ledger::Entry Ledger::enter(Account& account, const MessageHeader& header) {
  const Entry entry = take(account.arrived, header.sequence);
  if (entry.kind != Kind::duplicate && header.measured) ++account.measured;
  return entry;
}

Ledger::Entry OpenLedger::enter(const MessageHeader& header) {
  const std::uint64_t key = std::uint64_t{header.run} << 32 | header.sender;
  const auto [found, is_new] = accounts_.try_emplace(key);
  Account& account = found->second;
  if (is_new) {
    account.first = header.sequence;
    account.arrived.start_at(header.sequence);
  }
  const Ledger::Entry entry = take(account.arrived, header.sequence);
  if (entry.kind != Ledger::Kind::duplicate) ++account.count;
  return entry;
}

std::uint64_t OpenLedger::expected() const {
  std::uint64_t sum = 0;
  for (const auto& [key, account] : accounts_) sum += account.arrived.next() - account.first;
  return sum;
}

std::uint64_t OpenLedger::lost() const {
  std::uint64_t arrived = 0;
  for (const auto& [key, account] : accounts_) arrived += account.count;
  return expected() - arrived;
}

}  // namespace bench
