#include "runtime/heap_account.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using broker::HeapAccount;

namespace {

constexpr std::int64_t much = std::int64_t{1} << 50;

}  // namespace

TEST_CASE("A heap is exhausted at its limit, and until a sixteenth of it is free again") {
  HeapAccount account;
  CHECK_FALSE(account.counting());
  account.set_limit(16 * much);
  REQUIRE(account.counting());
  CHECK_FALSE(account.exhausted());
  account.add(16 * much);
  CHECK(account.exhausted());
  account.add(-much / 2);
  CHECK(account.exhausted());
  account.add(-much);
  CHECK_FALSE(account.exhausted());
  CHECK(account.peak() >= 16 * much);
  CHECK(account.bytes() < 15 * much);
  SECTION("without a limit it never is") {
    account.add(16 * much);
    REQUIRE(account.exhausted());
    account.set_limit(0);
    CHECK_FALSE(account.exhausted());
    CHECK_FALSE(account.counting());
    account.add(-16 * much);
  }
  account.add(-29 * much / 2);
}

TEST_CASE("What was counted holds where the allocator does not tell of it") {
  HeapAccount account;
  account.set_limit(16 * much);
  account.add(16 * much);
  account.measure();
  CHECK(account.exhausted());
  account.add(-16 * much);
  account.measure();
  CHECK_FALSE(account.exhausted());
}

TEST_CASE("Threads add up what they take, but for less than a step each") {
  HeapAccount account;
  account.set_limit(16 * much);
  const std::int64_t before = account.bytes();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&account] {
      for (int i = 0; i < 100'000; ++i) account.add(100);
    });
  }
  for (auto& thread : threads) thread.join();
  const std::int64_t taken = account.bytes() - before;
  CHECK(taken <= 40'000'000);
  CHECK(taken > 40'000'000 - 4 * HeapAccount::batch);
}
