#pragma once

#include <uv.h>

#include <functional>
#include <mutex>
#include <vector>

#include "cli/input/loop_handle.h"
#include "mqtt/io/loop.h"

namespace bench {

/// Calls that other threads leave for a loop's thread, made there in their order. Made and
/// destroyed on the loop's thread, or while it does not run; `post` from any thread in between.
class Mailbox {
 public:
  using Call = std::function<void()>;

  explicit Mailbox(mqtt::io::Loop& loop);

  void post(Call call);

 private:
  void deliver();

  std::mutex mutex_;
  std::vector<Call> waiting_;  ///< guarded by mutex_
  cli::LoopHandle<uv_async_t> wake_up_;
};

}  // namespace bench
