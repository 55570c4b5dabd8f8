#pragma once

#include <functional>

namespace mqtt::io {

class Loop;

/// Watches a descriptor, which the owner keeps, and closes after destroying the Poll. May be
/// destroyed at any time, even in its own callback.
class Poll {
 public:
  Poll(Loop& loop, int fd, std::function<void()> callback);
  ~Poll();
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  /// Calls back whenever the descriptor is readable, or has an error, until `stop`.
  void wait_readable();
  /// The same for writable; a connecting socket becomes writable when it has succeeded or failed.
  void wait_writable();
  void stop();

 private:
  struct Handle;
  void wait(int events);

  /// Outlives the Poll until libuv has closed it.
  Handle* handle_;
};

}  // namespace mqtt::io
