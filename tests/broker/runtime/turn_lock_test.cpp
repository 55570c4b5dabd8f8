#include "runtime/turn_lock.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace broker;

TEST_CASE("who reads sees no change, and changes are made one at a time") {
  constexpr unsigned workers = 4;
  TurnLock lock(workers);
  int changes = 0;  // guarded by `lock`
  std::atomic<int> torn = 0;
  std::vector<std::thread> threads;
  for (unsigned worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&, worker] {
      TurnAccess access(lock, worker);
      for (int turn = 0; turn < 2000; ++turn) {
        access.read();
        const int before = changes;
        std::this_thread::yield();
        if (changes != before) ++torn;
        if (turn % 3 == 0) access.write([&] { ++changes; });
        access.end_turn();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(torn == 0);
  CHECK(changes == 4 * 667);
}

TEST_CASE("a writer that comes again at once lets those read first who have waited") {
  TurnLock lock(2);
  for (int round = 0; round < 50; ++round) {
    int changes = 0;  // guarded by `lock`
    int seen = 0;
    std::atomic<bool> has_read = false;
    lock.lock();
    std::thread reader([&] {
      TurnAccess access(lock, 1);
      access.read();
      seen = changes;
      has_read = true;
      access.end_turn();
    });
    while (!lock.is_awaited()) std::this_thread::yield();
    ++changes;
    lock.unlock();
    TurnAccess writer(lock, 0);
    while (!has_read) writer.write([&] { ++changes; });
    reader.join();
    CHECK(seen == 1);
  }
}
