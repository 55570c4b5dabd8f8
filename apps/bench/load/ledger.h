#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "bench/load/message_header.h"
#include "bench/load/sequence_set.h"

namespace bench {

/// The account of what a receiver was sent, and what has arrived: each message of each of its
/// senders once and in order. One for several receivers that share a subscription.
class Ledger {
 public:
  enum class Kind : std::uint8_t {
    delivered,
    delivered_late,  ///< after a message that was sent after it
    duplicate,
    unexpected,  ///< from a sender that is not one of this receiver
  };
  struct Entry {
    Kind kind = Kind::unexpected;
    /// How many messages of the sender are no longer to be waited for: this one, and those that it
    /// has overtaken.
    std::uint64_t advance = 0;
  };

  /// Expects the senders `first_sender` to `first_sender + senders - 1` of this run.
  Ledger(std::uint32_t first_sender, std::uint32_t senders)
      : first_sender_(first_sender), accounts_(senders) {}

  Entry enter(const MessageHeader& header);

  struct Account {
    SequenceSet arrived;
    std::uint64_t measured = 0;  ///< different messages of the measured part
  };
  std::uint32_t first_sender() const { return first_sender_; }
  const std::vector<Account>& accounts() const { return accounts_; }

 private:
  std::uint32_t first_sender_;
  std::vector<Account> accounts_;
};

/// The account of a receiver that does not know who sends to it, such as when the publishers run on
/// another host. A sender's first message is taken for the beginning; what is missing between that
/// and its last one is lost.
class OpenLedger {
 public:
  Ledger::Entry enter(const MessageHeader& header);

  /// Everything so far no longer counts.
  void begin_again() { accounts_.clear(); }
  /// Messages that had to be there, and those that were not, as far as can be told.
  std::uint64_t expected() const;
  std::uint64_t lost() const;

 private:
  struct Account {
    SequenceSet arrived;
    std::uint64_t first = 0;
    std::uint64_t count = 0;  ///< different messages
  };
  std::unordered_map<std::uint64_t, Account> accounts_;  ///< by run and sender
};

}  // namespace bench
