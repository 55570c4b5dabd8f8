#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace mqtt::io {

class Loop;

/// Calls back once after a delay, or repeatedly. Belongs to one loop and is used on its thread. May
/// be started again, stopped and destroyed at any time, also from its own callback.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> callback);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// First call after `delay`, then one every `interval` unless that is zero. Replaces an earlier
  /// start. Loop time has a resolution of one millisecond.
  void start(std::chrono::milliseconds delay,
             std::chrono::milliseconds interval = std::chrono::milliseconds::zero());
  void stop();
  bool is_active() const;

 private:
  struct Handle;
  /// Outlives the Timer until libuv has closed it.
  Handle* handle_;
};

}  // namespace mqtt::io
