#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "bench/load/message_header.h"
#include "bench/load/sequence_set.h"

namespace bench {

/// Tracks what a receiver should receive, and what has arrived: each message of each of its senders
/// once and in order. Receivers that share a subscription, possibly on different threads, have one
/// together.
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
    /// How many messages of the sender are no longer awaited: this one, and those that it has
    /// overtaken.
    std::uint64_t advance = 0;
  };

  /// The threads that call `enter`.
  enum class Users : std::uint8_t { one_thread, several_threads };

  /// Expects the senders `first_sender` to `first_sender + senders - 1` of this run.
  Ledger(std::uint32_t first_sender, std::uint32_t senders, Users users = Users::one_thread);

  Entry enter(const MessageHeader& header);

  struct Account {
    SequenceSet arrived;
    std::uint64_t measured = 0;  ///< different messages of the measured part
  };
  std::uint32_t first_sender() const { return first_sender_; }
  /// After the last `enter`.
  const std::vector<Account>& accounts() const { return accounts_; }

 private:
  Entry enter(Account& account, const MessageHeader& header);

  /// Each guards every 64th account. On separate cache lines, so that threads that enter messages
  /// of different senders do not contend.
  struct alignas(64) Guard {
    std::mutex mutex;
  };
  using Guards = std::array<Guard, 64>;

  std::unique_ptr<Guards> guards_;  ///< nullptr: one thread enters
  std::uint32_t first_sender_;
  std::vector<Account> accounts_;
};

/// The ledger of a receiver that does not know its senders, for example because the publishers run
/// on another host. It counts from a sender's first message; messages missing between that and its
/// last one are lost.
class OpenLedger {
 public:
  Ledger::Entry enter(const MessageHeader& header);

  /// Discards everything so far.
  void begin_again() { accounts_.clear(); }
  /// Expected and lost messages, as far as known.
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
