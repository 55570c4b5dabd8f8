#include "mqtt/protocol/ring_queue.h"

#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <random>

#include "support/allocation_count.h"

namespace {

using mqtt::RingQueue;

std::deque<int> content(const RingQueue<int>& queue) {
  std::deque<int> found;
  for (std::size_t i = 0; i < queue.size(); ++i) found.push_back(queue[i]);
  return found;
}

TEST_CASE("RingQueue holds what a deque holds after any sequence of changes") {
  std::mt19937 random(42);
  RingQueue<int> queue;
  std::deque<int> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto action = random() % 100;
    if (action < 50) {
      queue.push_back(step);
      model.push_back(step);
    } else if (action < 90) {
      if (model.empty()) continue;
      REQUIRE(queue.front() == model.front());
      queue.pop_front();
      model.pop_front();
    } else if (action < 98) {
      if (model.empty()) continue;
      const std::size_t index = random() % model.size();
      queue.erase(index);
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(index));
    } else {
      const auto drop = [](int item) { return item % 3 == 0; };
      queue.erase_if(drop);
      std::erase_if(model, drop);
    }
    REQUIRE(content(queue) == model);
  }
}

TEST_CASE("RingQueue lets go of what leaves it") {
  const auto item = std::make_shared<int>(1);
  RingQueue<std::shared_ptr<int>> queue;
  for (int i = 0; i < 5; ++i) queue.push_back(item);
  SECTION("from the front") {
    queue.pop_front();
    CHECK(item.use_count() == 5);
  }
  SECTION("from the middle") {
    queue.erase(1);
    queue.erase(3);
    CHECK(item.use_count() == 4);
  }
  SECTION("altogether") {
    queue.clear();
    CHECK(item.use_count() == 1);
  }
}

TEST_CASE("RingQueue takes memory for what it holds, not for what passes through") {
  RingQueue<int> queue;
  CHECK(queue.capacity() == 0);
  const AllocationCount before = AllocationCount::so_far();
  for (int i = 0; i < 1000; ++i) {
    for (int j = 0; j < 20; ++j) queue.push_back(j);
    for (int j = 0; j < 20; ++j) queue.pop_front();
  }
  CHECK(AllocationCount::so_far().calls - before.calls == 4);  // 4, 8, 16 and 32 slots
  SECTION("and gives a large array back once it is empty") {
    for (int i = 0; i < 1000; ++i) queue.push_back(i);
    CHECK(queue.capacity() >= 1000);
    queue.clear();
    CHECK(queue.capacity() == 0);
  }
  SECTION("and most of it while little is left") {
    for (int i = 0; i < 100'000; ++i) queue.push_back(i);
    for (int i = 0; i < 99'000; ++i) queue.pop_front();
    CHECK(queue.capacity() <= 8 * queue.size());
    CHECK(queue.front() == 99'000);
    CHECK(queue.back() == 99'999);
    queue.erase_if([](int item) { return item != 99'500; });
    CHECK(queue.size() == 1);
    CHECK(queue.front() == 99'500);
    CHECK(queue.capacity() <= 64);
  }
}

}  // namespace
