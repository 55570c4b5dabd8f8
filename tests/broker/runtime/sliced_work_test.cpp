#include "runtime/sliced_work.h"

#include <catch2/catch.hpp>
#include <string>

#include "runtime/clock.h"

using namespace broker;
using Kind = SlicedWork::Kind;

namespace {

struct Bench {
  SystemClock clock;
  Worker worker{0, clock};
  SlicedWork work{worker};
};

/// Takes so many steps in all, as many at a time as it is given; writes its name down each time.
SlicedWork::Slice task(Steps total, Steps& taken, std::string& order, char name) {
  return [total, &taken, &order, name](Steps& left) {
    const Steps now = std::min(left, total - taken);
    spend(left, now);
    taken += now;
    order += name;
    return taken == total;
  };
}

}  // namespace

TEST_CASE("a turn does no more than its steps, and the next ones the rest") {
  Bench bench;
  Steps taken = 0;
  std::string order;
  bench.work.later(Kind::asked, task(10 * SlicedWork::turn_steps, taken, order, 'a'));
  for (Steps turn = 1; !bench.work.idle(); ++turn) {
    const Steps before = taken;
    bench.work.on_turn_end();
    CHECK(taken - before <= SlicedWork::turn_steps);
    REQUIRE(turn <= 12);
  }
  CHECK(taken == 10 * SlicedWork::turn_steps);
}

TEST_CASE("who has little to do does not wait for those who have much") {
  Bench bench;
  Steps taken_by_a = 0;
  Steps taken_by_b = 0;
  Steps taken_by_c = 0;
  std::string order;
  bench.work.later(Kind::asked, task(100 * SlicedWork::turn_steps, taken_by_a, order, 'a'));
  bench.work.later(Kind::asked, task(100 * SlicedWork::turn_steps, taken_by_b, order, 'b'));
  bench.work.later(Kind::asked, task(10, taken_by_c, order, 'c'));
  bench.work.on_turn_end();
  CHECK(order.substr(0, 4) == "abca");
  CHECK(taken_by_c == 10);
}

TEST_CASE("what gives memory back has half of each turn, whoever else asks") {
  Bench bench;
  Steps freed = 0;
  Steps asked = 0;
  std::string order;
  for (int i = 0; i < 50; ++i)
    bench.work.later(Kind::asked, [&asked](Steps& left) {
      asked += left;
      left = 0;
      return false;
    });
  bench.work.later(Kind::freeing, task(100 * SlicedWork::turn_steps, freed, order, 'f'));
  for (int turn = 0; turn < 10; ++turn) bench.work.on_turn_end();
  CHECK(freed >= 10 * (SlicedWork::turn_steps / 2 - 10));
  CHECK(asked >= 10 * (SlicedWork::turn_steps / 2 - 10));
}

TEST_CASE("a slice that does nothing and asks for more does not keep a turn from its end") {
  Bench bench;
  std::size_t calls = 0;
  bench.work.later(Kind::asked, [&calls](Steps&) {
    ++calls;
    return false;
  });
  bench.work.on_turn_end();
  CHECK(calls <= SlicedWork::turn_steps);
  CHECK_FALSE(bench.work.idle());
}

TEST_CASE("work may add work, also to the turn that it runs in") {
  Bench bench;
  bool added_ran = false;
  bench.work.later(Kind::asked, [&](Steps&) {
    bench.work.later(Kind::asked, [&added_ran](Steps&) { return added_ran = true; });
    return true;
  });
  bench.work.on_turn_end();
  CHECK(added_ran);
  CHECK(bench.work.idle());
}

TEST_CASE("what a turn allows for new work is there again in the next") {
  Bench bench;
  bench.work.left() = 0;
  bench.work.on_turn_end();
  CHECK(bench.work.left() == SlicedWork::turn_steps);
}
