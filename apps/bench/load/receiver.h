#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/load/ledger.h"
#include "bench/load/load_plan.h"
#include "mqtt/protocol/packet.h"

namespace bench {

class LoadThread;

/// The receiving half of a client: parses each message's header, enters it into the ledger, and
/// notifies its publisher. Belongs to a load thread.
class Receiver {
 public:
  /// `ledger`: the receiver's own or shared; nullptr: the senders are unknown.
  Receiver(LoadThread& thread, const ClientGroup& group, std::shared_ptr<Ledger> ledger);

  void on_message(const mqtt::Publish& message);

  const std::shared_ptr<Ledger>& ledger() const { return ledger_; }
  OpenLedger& open_ledger() { return open_ledger_; }

 private:
  void enter(const mqtt::Publish& message, const MessageHeader& header);
  Ledger::Entry entry_of(const MessageHeader& header);

  LoadThread& thread_;
  const ClientGroup& group_;
  bool is_ordered_ = true;  ///< brokers keep the order of messages with the same topic
  std::shared_ptr<Ledger> ledger_;
  OpenLedger open_ledger_;
  /// With a shared ledger: one more than the highest number received here, by sender. Gaps are
  /// normal, since other receivers get those messages.
  std::vector<std::uint64_t> next_here_;
};

}  // namespace bench
