#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "support/mqtt_script.h"

namespace test {

/// Threads that do something at the same time. They assert nothing: they leave what they saw for
/// the test to judge, once they have been joined.
class Crowd {
 public:
  Crowd() = default;
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() { join(); }

  /// `work(index)`, on a thread of its own.
  void add(unsigned count, const std::function<void(unsigned)>& work) {
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back(work, i);
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

/// Waits until `happened()`; false if that takes longer than the patience.
template <class Condition>
bool eventually(Condition happened) {
  const auto give_up = std::chrono::steady_clock::now() + 2 * Peer::patience();
  while (!happened()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace test
