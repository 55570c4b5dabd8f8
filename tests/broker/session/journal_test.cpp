#include "session/journal.h"

#include <catch2/catch.hpp>
#include <string>

using broker::Journal;

TEST_CASE("what waits for a position goes on when it is committed, in order") {
  Journal journal;
  std::string order;
  const auto adds = [&order](char name) { return [&order, name] { order += name; }; };
  journal.when_committed(0, adds('a'));
  CHECK(order == "a");
  const broker::Position first = journal.note();
  const broker::Position second = journal.note();
  journal.when_committed(first, adds('b'));
  journal.when_committed(first, adds('c'));
  journal.when_committed(second, adds('d'));
  CHECK(order == "a");
  journal.commit(first);
  CHECK(order == "abc");
  journal.commit(second);
  CHECK(order == "abcd");
}

TEST_CASE("a commit that comes late takes nothing back") {
  Journal journal;
  journal.note();
  journal.note();
  journal.commit(2);
  journal.commit(1);
  CHECK(journal.has_committed(2));
}

TEST_CASE("who goes on may wait again") {
  Journal journal;
  const broker::Position first = journal.note();
  int rounds = 0;
  journal.when_committed(first, [&] {
    ++rounds;
    journal.when_committed(journal.note(), [&rounds] { ++rounds; });
  });
  journal.commit(first);
  CHECK(rounds == 1);
  journal.commit(journal.noted());
  CHECK(rounds == 2);
}
