#include "mqtt/io/timer.h"

#include <catch2/catch.hpp>
#include <memory>

#include "mqtt/io/loop.h"

namespace mqtt::io {

using std::chrono::milliseconds;

TEST_CASE("a timer calls back", "[timer]") {
  Loop loop;
  int calls = 0;

  SECTION("once without an interval") {
    Timer timer(loop, [&] { ++calls; });
    timer.start(milliseconds(1));
    CHECK(timer.is_active());
    loop.run();
    CHECK(calls == 1);
    CHECK_FALSE(timer.is_active());
  }
  SECTION("again and again with one, until stopped") {
    Timer timer(loop, [&] {
      if (++calls == 3) timer.stop();
    });
    timer.start(milliseconds(1), milliseconds(1));
    loop.run();
    CHECK(calls == 3);
  }
  SECTION("not if it was stopped before") {
    Timer timer(loop, [&] { ++calls; });
    timer.start(milliseconds(0));
    timer.stop();
    loop.run();
    CHECK(calls == 0);
  }
  SECTION("once if it was started twice") {
    Timer timer(loop, [&] { ++calls; });
    timer.start(milliseconds(1));
    timer.start(milliseconds(2));
    loop.run();
    CHECK(calls == 1);
  }
  SECTION("at once after a delay below zero") {
    Timer timer(loop, [&] { ++calls; });
    timer.start(milliseconds(-5));
    loop.run();
    CHECK(calls == 1);
  }
  SECTION("and may be destroyed by its own callback") {
    std::unique_ptr<Timer> timer;
    const auto witness = std::make_shared<int>(7);
    timer = std::make_unique<Timer>(loop, [&, witness] {
      timer.reset();
      calls = *witness;
    });
    timer->start(milliseconds(1), milliseconds(1));
    loop.run();
    CHECK(calls == 7);
  }
}

}  // namespace mqtt::io
