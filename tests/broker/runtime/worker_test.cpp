#include "runtime/worker.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <thread>

#include "runtime/clock.h"

namespace broker {
namespace {

using namespace std::chrono_literals;

/// Work in small pieces, each followed by so long a rest, until told to end.
class Labour {
 public:
  Labour(Worker& worker, std::chrono::microseconds work, std::chrono::microseconds rest)
      : worker_(worker), thread_([this, work, rest] {
          while (!is_over_) {
            std::atomic<bool> is_done = false;
            worker_.post(make_letter([&is_done, work] {
              const auto end = std::chrono::steady_clock::now() + work;
              while (std::chrono::steady_clock::now() < end) continue;
              is_done = true;
              is_done.notify_one();
            }));
            is_done.wait(false);
            std::this_thread::sleep_for(rest);
          }
        }) {}
  ~Labour() {
    is_over_ = true;
    thread_.join();
  }

 private:
  Worker& worker_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

bool comes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

}  // namespace

TEST_CASE("a worker tells how busy it was of late") {
  const SystemClock clock;
  Worker worker(0, clock);
  CHECK(worker.load() == 0.0);
  worker.start();
  SECTION("work without rest") {
    const Labour labour(worker, 5ms, 0us);
    CHECK(comes_true([&worker] { return worker.load() > 0.6; }));
  }
  SECTION("a little work and much rest, in pieces shorter than the clock's steps") {
    const Labour labour(worker, 20us, 400us);
    CHECK(comes_true([&worker] { return worker.load() > 0.0 && worker.load() < 0.4; }));
  }
  SECTION("a single turn that does not end") {
    std::atomic<bool> may_end = false;
    worker.post(make_letter([&may_end] { may_end.wait(false); }));
    CHECK(comes_true([&worker] { return worker.load() == 1.0; }));
    may_end = true;
    may_end.notify_one();
    CHECK(comes_true([&worker] { return worker.load() < 1.0; }));
  }
  SECTION("it forgets") {
    {
      const Labour labour(worker, 5ms, 0us);
      CHECK(comes_true([&worker] { return worker.load() > 0.6; }));
    }
    CHECK(comes_true([&worker] { return worker.load() == 0.0; }));
  }
}

TEST_CASE("While a worker runs, its thread alone may use what belongs to it") {
  SystemClock clock;
  Worker worker(0, clock);
  CHECK(worker.is_current());
  worker.start();
  std::atomic<int> within = -1;
  worker.post(make_letter([&] {
    within = worker.is_current() ? 1 : 0;
    within.notify_one();
  }));
  within.wait(-1);
  CHECK(within == 1);
  CHECK_FALSE(worker.is_current());
  worker.stop();
  worker.join();
  CHECK(worker.is_current());
}

}  // namespace broker
