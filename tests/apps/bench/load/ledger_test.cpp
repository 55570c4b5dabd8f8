#include "bench/load/ledger.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace bench {
namespace {

using Arrival = SequenceSet::Arrival;
using Kind = Ledger::Kind;

MessageHeader from(std::uint32_t sender, std::uint64_t sequence, bool measured = true) {
  MessageHeader header;
  header.run = 1;
  header.sender = sender;
  header.sequence = sequence;
  header.measured = measured;
  return header;
}

}  // namespace

TEST_CASE("a sequence set tells next, ahead, late and duplicate apart") {
  SequenceSet set;
  CHECK(set.take(0) == Arrival::next);
  CHECK(set.take(1) == Arrival::next);
  CHECK(set.take(5) == Arrival::ahead);
  CHECK(set.take(1) == Arrival::duplicate);
  CHECK(set.take(5) == Arrival::duplicate);
  CHECK(set.take(3) == Arrival::late);
  CHECK(set.take(3) == Arrival::duplicate);
  CHECK(set.take(2) == Arrival::late);
  CHECK(set.take(4) == Arrival::late);
  CHECK(set.take(4) == Arrival::duplicate);
  CHECK(set.take(6) == Arrival::next);
  CHECK(set.next() == 7);
}

TEST_CASE("a sequence set agrees with a plain set of numbers") {
  std::mt19937 random(GENERATE(1U, 2U, 3U));
  SequenceSet set;
  std::set<std::uint64_t> seen;
  std::uint64_t highest = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t number = highest + random() % 12 - std::min<std::uint64_t>(highest, 8);
    const bool is_new = seen.insert(number).second;
    const Arrival arrival = set.take(number);
    REQUIRE((arrival == Arrival::duplicate) == !is_new);
    if (is_new) REQUIRE((arrival == Arrival::late) == (number < highest));
    highest = std::max(highest, number + 1);
    REQUIRE(set.next() == highest);
  }
}

TEST_CASE("a sequence set gives up its oldest gap when there are too many") {
  SequenceSet set;
  const std::uint64_t last = 2 * (SequenceSet::max_gaps + 1);
  for (std::uint64_t number = 1; number < last; number += 2) set.take(number);
  CHECK(set.take(0) == Arrival::duplicate);
  CHECK(set.take(2) == Arrival::late);
  CHECK(set.take(last - 2) == Arrival::late);
}

TEST_CASE("a ledger keeps an account for each of its senders") {
  Ledger ledger(10, 2);
  CHECK(ledger.enter(from(10, 0)).kind == Kind::delivered);
  CHECK(ledger.enter(from(11, 0)).kind == Kind::delivered);
  CHECK(ledger.enter(from(10, 1)).kind == Kind::delivered);
  CHECK(ledger.enter(from(10, 1)).kind == Kind::duplicate);
  CHECK(ledger.enter(from(11, 2)).kind == Kind::delivered);
  CHECK(ledger.enter(from(11, 1)).kind == Kind::delivered_late);
  CHECK(ledger.enter(from(9, 0)).kind == Kind::unexpected);
  CHECK(ledger.enter(from(12, 0)).kind == Kind::unexpected);
  CHECK(ledger.accounts()[0].measured == 2);
  CHECK(ledger.accounts()[1].measured == 3);
}

TEST_CASE("a ledger counts the messages of the measured part alone") {
  Ledger ledger(0, 1);
  CHECK(ledger.enter(from(0, 0, false)).kind == Kind::delivered);
  CHECK(ledger.enter(from(0, 1, true)).kind == Kind::delivered);
  CHECK(ledger.enter(from(0, 1, true)).kind == Kind::duplicate);
  CHECK(ledger.accounts()[0].measured == 1);
}

TEST_CASE("an entry says how many messages need no longer be waited for") {
  Ledger ledger(0, 1);
  CHECK(ledger.enter(from(0, 0)).advance == 1);
  CHECK(ledger.enter(from(0, 4)).advance == 4);
  CHECK(ledger.enter(from(0, 2)).advance == 0);
  CHECK(ledger.enter(from(0, 4)).advance == 0);
  CHECK(ledger.enter(from(0, 5)).advance == 1);
}

TEST_CASE("several threads may enter into the same ledger") {
  constexpr std::uint32_t senders = 3;
  constexpr std::uint64_t messages = 20'000;
  Ledger ledger(0, senders, Ledger::Users::several_threads);
  struct Found {
    std::uint64_t delivered = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t advance = 0;
  };
  // Each message comes to two of three receivers, so half of all entries are duplicates.
  const auto enter_all = [&](std::uint64_t receiver, Found& found) {
    for (std::uint64_t sequence = 0; sequence < messages; ++sequence) {
      if (sequence % 3 == receiver) continue;
      for (std::uint32_t sender = 0; sender < senders; ++sender) {
        const Ledger::Entry entry = ledger.enter(from(sender, sequence));
        found.duplicates += entry.kind == Kind::duplicate ? 1 : 0;
        found.delivered += entry.kind == Kind::duplicate ? 0 : 1;
        found.advance += entry.advance;
      }
    }
  };
  std::vector<Found> found(3);
  std::vector<std::thread> threads;
  for (std::uint64_t receiver = 0; receiver < 3; ++receiver) {
    threads.emplace_back([&, receiver] { enter_all(receiver, found[receiver]); });
  }
  for (std::thread& thread : threads) thread.join();
  // A gap that is given up makes its messages duplicates when they come; so far apart are threads
  // only if one of them does not run at all.
  const std::uint64_t delivered = found[0].delivered + found[1].delivered + found[2].delivered;
  const std::uint64_t duplicates = found[0].duplicates + found[1].duplicates + found[2].duplicates;
  CHECK(delivered + duplicates == senders * messages * 2);
  CHECK(found[0].advance + found[1].advance + found[2].advance == senders * messages);
  std::uint64_t measured = 0;
  for (const Ledger::Account& account : ledger.accounts()) measured += account.measured;
  CHECK(measured == delivered);
}

TEST_CASE("an open ledger takes each sender's first message for the beginning") {
  OpenLedger ledger;
  CHECK(ledger.enter(from(3, 100)).kind == Kind::delivered);
  CHECK(ledger.enter(from(3, 103)).kind == Kind::delivered);
  CHECK(ledger.enter(from(4, 7)).kind == Kind::delivered);
  CHECK(ledger.expected() == 5);
  CHECK(ledger.lost() == 2);
  CHECK(ledger.enter(from(3, 101)).kind == Kind::delivered_late);
  CHECK(ledger.lost() == 1);
  MessageHeader other_run = from(3, 0);
  other_run.run = 2;
  CHECK(ledger.enter(other_run).kind == Kind::delivered);
  ledger.begin_again();
  CHECK(ledger.expected() == 0);
}

}  // namespace bench
