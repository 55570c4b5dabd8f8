#include "bench/load/mailbox.h"

#include <utility>

namespace bench {

Mailbox::Mailbox(mqtt::io::Loop& loop)
    : wake_up_(cli::make_loop_handle<uv_async_t>(
          loop,
          [](uv_loop_t* uv, uv_async_t* handle) {
            return uv_async_init(uv, handle, [](uv_async_t* woken) {
              static_cast<Mailbox*>(woken->data)->deliver();
            });
          },
          this)) {}

void Mailbox::post(Call call) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(call));
    if (waiting_.size() > 1) return;  // woken already
  }
  uv_async_send(wake_up_.get());
}

void Mailbox::deliver() {
  std::vector<Call> calls;
  {
    const std::lock_guard lock(mutex_);
    calls.swap(waiting_);
  }
  for (const Call& call : calls) call();
}

}  // namespace bench
