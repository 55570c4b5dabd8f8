#include "bench/load/receiver.h"

#include <algorithm>
#include <utility>

#include "bench/load/load_thread.h"

namespace bench {

Receiver::Receiver(LoadThread& thread, const ClientGroup& group, std::shared_ptr<Ledger> ledger)
    : thread_(thread), group_(group), ledger_(std::move(ledger)) {
  const ClientGroup* const publishers = thread.plan().publishers();
  is_ordered_ = group.in_order && (publishers == nullptr || !publishers->topic->is_per_message());
  if (group.shares && ledger_) next_here_.resize(ledger_->accounts().size());
}

void Receiver::on_message(const mqtt::Publish& message) {
  const ReadHeader read = read_header(message.topic, message.payload);
  Counts& counts = thread_.tally().counts;
  if (!read.fault && (read.header.run == thread_.plan().run || !ledger_)) {
    return enter(message, read.header);
  }
  const bool is_measuring = thread_.is_measuring();
  if (read.fault == HeaderFault::corrupted) {
    // What it was sent as cannot be told; the last ones come when nothing is sent any more.
    if (is_measuring || (ledger_ && thread_.has_measured())) ++counts.corrupted;
  } else if (is_measuring) {
    ++counts.unexpected;
  }
}

void Receiver::enter(const mqtt::Publish& message, const MessageHeader& header) {
  const Ledger::Entry entry = entry_of(header);
  Tally& tally = thread_.tally();
  if (group_.stalls) {
    ++tally.stalled_delivered;
    return;
  }
  const bool counts_here = ledger_ ? header.measured : thread_.is_measuring();
  const std::uint64_t one = counts_here ? 1 : 0;
  switch (entry.kind) {
    case Ledger::Kind::unexpected:
      tally.counts.unexpected += one;
      return;
    case Ledger::Kind::duplicate:
      tally.counts.duplicated += one;
      return;
    case Ledger::Kind::delivered_late:
      if (is_ordered_) tally.counts.out_of_order += one;
      break;
    case Ledger::Kind::delivered:
      break;
  }
  const Nanoseconds present = now();
  const Nanoseconds from = std::max(header.time, thread_.arrival_origin());
  const Nanoseconds taken = present > from ? present - from : 0;
  thread_.state().last_delivery = present;
  ++tally.all_delivered;
  if (thread_.is_measuring()) ++tally.counts.delivered_in_time;
  if (counts_here) {
    ++tally.counts.delivered;
    tally.counts.delivered_bytes += message.payload.size();
    tally.arrival.record(taken);
  } else {
    tally.arrival_before.record(taken);
  }
  if (entry.advance != 0 && !thread_.plan().is_open_loop()) {
    thread_.credit(header.sender, entry.advance);
  }
}

Ledger::Entry Receiver::entry_of(const MessageHeader& header) {
  if (!ledger_) return open_ledger_.enter(header);
  Ledger::Entry entry = ledger_->enter(header);
  if (next_here_.empty() || entry.kind == Ledger::Kind::unexpected) return entry;
  std::uint64_t& next = next_here_[header.sender - ledger_->first_sender()];
  if (entry.kind != Ledger::Kind::duplicate) {
    entry.kind = header.sequence < next ? Ledger::Kind::delivered_late : Ledger::Kind::delivered;
  }
  next = std::max(next, header.sequence + 1);
  return entry;
}

}  // namespace bench
