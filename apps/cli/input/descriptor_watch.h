#pragma once

#include <cstdint>
#include <functional>

#include "cli/input/loop_handle.h"

namespace cli {

/// Says when something happens at a descriptor that we were given: standard input or output.
///
/// It is watched through an epoll set of our own, which is what the loop polls. The descriptor
/// itself stays as it is: libuv would make it non-blocking, which every process that shares it
/// would feel. Belongs to the loop's thread. Begins stopped.
class DescriptorWatch {
 public:
  /// `events` as for epoll; 0: only that the other end went away. `on_event` is called once per
  /// turn of the loop while the condition lasts.
  DescriptorWatch(mqtt::io::Loop& loop, int descriptor, std::uint32_t events,
                  std::function<void()> on_event);
  ~DescriptorWatch();
  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;

  /// False: there is nothing to wait for at such a descriptor (regular files, /dev/null), which are
  /// always ready and never go away.
  bool can_wait() const { return poll_ != nullptr; }
  void start();
  void stop();

 private:
  int epoll_;
  std::function<void()> on_event_;
  LoopHandle<uv_poll_t> poll_;
};

}  // namespace cli
