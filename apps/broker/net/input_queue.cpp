#include "net/input_queue.h"

#include "net/connection.h"

namespace broker {

void InputQueue::release() {
  ready_.insert(ready_.end(), held_back_.begin(), held_back_.end());
  held_back_.clear();
}

/// Letters first, all that have come by now: they were posted before the input that waits here was
/// acted on, and perhaps before it was read.
void InputQueue::on_turn_end() {
  if (ready_.empty()) return;
  worker_.open_mail();
  const std::uint64_t end = worker_.work_done() + turn_budget;
  while (!ready_.empty() && worker_.work_done() < end) {
    Connection* const next = ready_.front();
    ready_.pop_front();
    next->take_turn();
  }
  if (!ready_.empty()) worker_.keep_turning();
}

}  // namespace broker
