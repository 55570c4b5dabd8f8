#include "cli/connection/precise_timer.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "mqtt/io/loop.h"

using namespace std::chrono_literals;
using cli::PreciseTimer;

TEST_CASE("A precise timer calls once, not before its time, and in order with others") {
  mqtt::io::Loop loop;
  std::string calls;
  const auto start = std::chrono::steady_clock::now();
  PreciseTimer last(loop, [&] {
    calls += "c";
    loop.stop();
  });
  PreciseTimer first(loop, [&] { calls += "a"; });
  PreciseTimer second(loop, [&] { calls += "b"; });
  last.start(20ms);
  second.start(10ms);
  first.start(300us);
  loop.run();
  CHECK(calls == "abc");
  CHECK(std::chrono::steady_clock::now() - start >= 20ms);
}

TEST_CASE("A precise timer can be started anew by its own call, and stopped") {
  mqtt::io::Loop loop;
  int calls = 0;
  PreciseTimer never(loop, [&] { calls += 1000; });
  PreciseTimer* self = nullptr;
  PreciseTimer timer(loop, [&] {
    if (++calls == 3) return loop.stop();
    self->start(0ns);  // what is not above zero is due at once
    never.stop();
  });
  self = &timer;
  never.start(50ms);
  timer.start(-5ms);
  loop.run();
  CHECK(calls == 3);
}
