#include "runtime/timer_wheel.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <vector>

using namespace broker;

namespace {

constexpr std::int64_t tick = TimerWheel::tick_ms;
constexpr std::int64_t day = 24 * 3600 * 1000;

/// Does when it fires what it was told.
class Alarm final : public TimerEntry {
 public:
  Alarm() = default;
  explicit Alarm(std::function<void()> then) : action(std::move(then)) {}
  int fired = 0;
  std::function<void()> action;

 private:
  void on_timer() override {
    ++fired;
    if (action) action();
  }
};

}  // namespace

TEST_CASE("A deadline fires at its time or up to one tick later, never before") {
  const std::int64_t begin = GENERATE(0, 1, 1'000'003, -77);
  for (const std::int64_t delay :
       {1, 63, 64, 65, 100, 4095, 4096, 4097, 262'143, 262'144, 300'000}) {
    INFO("begin " << begin << ", delay " << delay);
    TimerWheel wheel(begin);
    Alarm alarm;
    wheel.arm(alarm, begin + delay);
    CHECK(alarm.armed());
    CHECK(alarm.deadline() == begin + delay);
    wheel.advance(begin + delay - 1);
    CHECK(alarm.fired == 0);
    wheel.advance(begin + delay + tick);
    CHECK(alarm.fired == 1);
    CHECK_FALSE(alarm.armed());
    wheel.advance(begin + 2 * delay + tick);
    CHECK(alarm.fired == 1);
  }
}

TEST_CASE("A deadline in the past fires at the next advance, whatever its time") {
  TimerWheel wheel(1000);
  wheel.advance(5000);
  Alarm alarm;
  const std::int64_t deadline = GENERATE(INT64_MIN, std::int64_t{0}, std::int64_t{4900});
  wheel.arm(alarm, deadline);
  CHECK(wheel.next_wake() <= 5000);
  wheel.advance(5000);
  CHECK(alarm.fired == 1);
}

TEST_CASE("Arming again moves the deadline") {
  TimerWheel wheel(0);
  Alarm alarm;
  wheel.arm(alarm, 1000);
  wheel.arm(alarm, 10'000);
  wheel.advance(5000);
  CHECK(alarm.fired == 0);
  wheel.arm(alarm, 6000);
  wheel.advance(6100);
  CHECK(alarm.fired == 1);
  wheel.advance(20'000);
  CHECK(alarm.fired == 1);
}

TEST_CASE("What is disarmed or destroyed does not fire") {
  TimerWheel wheel(0);
  Alarm disarmed;
  wheel.arm(disarmed, 1000);
  wheel.disarm(disarmed);
  CHECK_FALSE(disarmed.armed());
  wheel.disarm(disarmed);
  int fired = 0;
  {
    Alarm destroyed([&fired] { ++fired; });
    wheel.arm(destroyed, 1000);
  }
  CHECK(wheel.next_wake() == INT64_MAX);
  wheel.advance(5000);
  CHECK(disarmed.fired == 0);
  CHECK(fired == 0);
}

TEST_CASE("An entry may outlive its wheel") {
  Alarm alarm;
  {
    TimerWheel wheel(0);
    wheel.arm(alarm, 1000);
  }
  CHECK_FALSE(alarm.armed());
}

TEST_CASE("An entry may do to the wheel what it likes when it fires") {
  TimerWheel wheel(0);

  SECTION("arm itself again") {
    Alarm alarm;
    alarm.action = [&] { wheel.arm(alarm, alarm.deadline() + 1000); };
    wheel.arm(alarm, 1000);
    for (std::int64_t now = 0; now <= 10'100; now += 10) wheel.advance(now);
    CHECK(alarm.fired == 10);
  }
  SECTION("arm itself for the past: it fires once in each advance") {
    Alarm alarm;
    alarm.action = [&] { wheel.arm(alarm, 0); };
    wheel.arm(alarm, 1000);
    wheel.advance(2000);
    CHECK(alarm.fired == 1);
    CHECK(wheel.next_wake() <= 2000);
    wheel.advance(2000);
    CHECK(alarm.fired == 2);
  }
  SECTION("disarm others that are due with it") {
    Alarm second;
    Alarm first([&] { wheel.disarm(second); });
    wheel.arm(first, 1000);
    wheel.arm(second, 1000);
    wheel.advance(2000);
    CHECK(first.fired == 1);
    CHECK(second.fired == 0);
  }
  SECTION("postpone others that are due with it") {
    Alarm second;
    Alarm first([&] { wheel.arm(second, 5000); });
    wheel.arm(first, 1000);
    wheel.arm(second, 1500);
    wheel.advance(2000);
    CHECK(second.fired == 0);
    wheel.advance(6000);
    CHECK(second.fired == 1);
  }
  SECTION("destroy itself and others") {
    auto second = std::make_unique<Alarm>();
    auto third = std::make_unique<Alarm>();
    auto first = std::make_unique<Alarm>();
    int fired = 0;
    first->action = [&] {
      ++fired;
      second.reset();
      third.reset();
      first.reset();
    };
    wheel.arm(*first, 1000);
    wheel.arm(*second, 1000);
    wheel.arm(*third, 50'000);
    wheel.advance(100'000);
    CHECK(fired == 1);
    CHECK(first == nullptr);
  }
}

TEST_CASE("After a long jump of time everything due has fired, in the order of its deadlines") {
  TimerWheel wheel(12'345);
  std::vector<std::int64_t> fired;
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::mt19937 random(4711);
  for (int i = 0; i < 500; ++i) {
    auto& alarm = alarms.emplace_back(std::make_unique<Alarm>());
    alarm->action = [&fired, at = alarm.get()] { fired.push_back(at->deadline()); };
    const std::int64_t longest[] = {1000, 100'000, day, 30 * day};
    wheel.arm(*alarm, 12'345 + 1 + static_cast<std::int64_t>(random()) % longest[i % 4]);
  }
  wheel.advance(12'345 + 31 * day);
  REQUIRE(fired.size() == 500);
  bool in_order = true;
  for (std::size_t i = 1; i < fired.size(); ++i) {
    in_order = in_order && fired[i] > fired[i - 1] - tick;
  }
  CHECK(in_order);
  CHECK(wheel.next_wake() == INT64_MAX);
}

TEST_CASE("Deadlines may lie as far away as 32 bits of seconds, and farther") {
  constexpr std::int64_t far = (std::int64_t{1} << 32) * 1000;
  TimerWheel wheel(1'700'000'000'000);
  const std::int64_t begin = 1'700'000'000'000;
  Alarm alarm;
  wheel.arm(alarm, begin + far);
  wheel.advance(begin + far - 1);
  CHECK(alarm.fired == 0);
  wheel.advance(begin + far + tick);
  CHECK(alarm.fired == 1);

  wheel.arm(alarm, INT64_MAX);
  wheel.advance(begin + 2 * far);
  CHECK(alarm.fired == 1);
  CHECK(alarm.armed());
  CHECK(wheel.next_wake() > begin + 2 * far);
}

TEST_CASE("An idle loop that wakes when it is told wakes rarely, and in time") {
  TimerWheel wheel(0);
  CHECK(wheel.next_wake() == INT64_MAX);
  Alarm alarm;
  const std::int64_t deadline =
      GENERATE(std::int64_t{10}, std::int64_t{60'000}, std::int64_t{3'600'000},
               std::int64_t{30} * day, std::int64_t{4'294'967'295'000});
  wheel.arm(alarm, deadline);
  int wakes = 0;
  std::int64_t now = 0;
  while (alarm.fired == 0) {
    const std::int64_t next = wheel.next_wake();
    REQUIRE(next > now);
    REQUIRE(next <= deadline + tick);
    now = next;
    wheel.advance(now);
    ++wakes;
  }
  CHECK(wakes <= 7);
  CHECK(now >= deadline);
  CHECK(wheel.next_wake() == INT64_MAX);
}

TEST_CASE("Time that goes back changes nothing") {
  TimerWheel wheel(10'000);
  Alarm alarm;
  wheel.arm(alarm, 12'000);
  wheel.advance(11'000);
  wheel.advance(5'000);
  wheel.advance(-5'000);
  CHECK(alarm.fired == 0);
  wheel.advance(12'100);
  CHECK(alarm.fired == 1);
}

TEST_CASE("Whatever was armed, disarmed and how time went, the wheel fires what is due") {
  const auto seed = GENERATE(take(20, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937_64 random(static_cast<unsigned>(seed));
  const auto below = [&random](std::int64_t limit) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
  };
  std::int64_t now = below(1'000'000'000);
  TimerWheel wheel(now);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::int64_t last_fired = -day;
  bool right = true;
  for (int i = 0; i < 60; ++i) {
    auto& alarm = alarms.emplace_back(std::make_unique<Alarm>());
    alarm->action = [&, at = alarm.get()] {
      right = right && at->deadline() <= now && at->deadline() > last_fired - tick;
      last_fired = std::max(last_fired, at->deadline());
    };
  }
  const std::int64_t spans[] = {
      10, 100, 5000, 100'000, 10'000'000, 2'000'000'000, 4'000'000'000'000};
  for (int step = 0; step < 3000; ++step) {
    Alarm& alarm = *alarms[static_cast<std::size_t>(below(60))];
    switch (below(4)) {
      case 0:
      case 1:
        wheel.arm(alarm, now + 1 + below(spans[below(7)]));
        break;
      case 2:
        if (below(3) == 0) wheel.disarm(alarm);
        break;
      default:
        now += below(spans[below(6)]);
        last_fired = -day;
        wheel.advance(now);
        break;
    }
    std::int64_t earliest = INT64_MAX;
    for (const auto& each : alarms) {
      if (each->armed()) earliest = std::min(earliest, each->deadline());
    }
    REQUIRE(right);
    if (earliest == INT64_MAX) {
      REQUIRE(wheel.next_wake() == INT64_MAX);
    } else {
      REQUIRE(earliest > now - tick);
      REQUIRE(wheel.next_wake() <= earliest + tick);
    }
  }
}
