#include "net/outbox.h"

#include <catch2/catch.hpp>
#include <vector>

#include "runtime/clock.h"
#include "runtime/worker.h"

namespace {

struct SetClock final : broker::Clock {
  std::int64_t now_ms() const override { return now; }
  std::int64_t wall_seconds() const override { return now / 1000; }
  std::int64_t now = 1'000'000;
};

struct Pool {
  SetClock clock;
  broker::Worker worker{0, clock};
  broker::OutputPool pool{worker};

  void use(std::size_t pieces) {
    std::vector<broker::OutputPool::Piece*> taken;
    for (std::size_t i = 0; i < pieces; ++i) taken.push_back(pool.take());
    for (auto* piece : taken) pool.give_back(piece);
  }
  void pass(std::int64_t ms) {
    clock.now += ms;
    worker.timers().advance(clock.now);
  }
};

TEST_CASE("OutputPool gives back what nobody needed for a whole second") {
  Pool test;
  test.use(1000);
  CHECK(test.pool.free_count() == 1000);
  test.pass(1100);  // from here on the second counts that began with all of them free

  SECTION("all but a little, when there is no more output") {
    test.pass(1100);
    CHECK(test.pool.free_count() == broker::OutputPool::always_kept);
    CHECK(test.worker.timers().next_wake() == INT64_MAX);
  }
  SECTION("as many as lie idle, while there is output") {
    test.use(300);
    test.pass(1100);
    CHECK(test.pool.free_count() == 300);
    test.use(300);
    test.pass(1100);
    CHECK(test.pool.free_count() == 300);
    test.pass(1100);
    CHECK(test.pool.free_count() == broker::OutputPool::always_kept);
  }
  SECTION("nothing before the second is over") {
    const std::size_t before = test.pool.free_count();
    test.pass(500);
    CHECK(test.pool.free_count() == before);
  }
}

TEST_CASE("OutputPool never keeps more than its limit") {
  Pool test;
  test.use(broker::OutputPool::kept_at_most + 100);
  CHECK(test.pool.free_count() == broker::OutputPool::kept_at_most);
}

TEST_CASE("OutputPool keeps a little for ever, without a timer") {
  Pool test;
  test.use(broker::OutputPool::always_kept);
  CHECK(test.worker.timers().next_wake() == INT64_MAX);
}

}  // namespace
