#include "runtime/sliced_work.h"

#include <utility>

namespace broker {

void SlicedWork::later(Kind kind, Slice slice) {
  (kind == Kind::freeing ? freeing_ : asked_).push_back(std::move(slice));
}

void SlicedWork::on_turn_end() {
  left_ = turn_steps;
  if (idle()) return;
  worker_.open_mail();  // before input that a slice lets go on
  Steps for_freeing = turn_steps / 2;
  rotate(freeing_, for_freeing);
  Steps for_asked = turn_steps / 2 + for_freeing;
  rotate(asked_, for_asked);
  if (!idle()) worker_.keep_turning();
}

/// Every slice costs something, so that one which finds nothing to do cannot keep this going.
void SlicedWork::rotate(Queue& queue, Steps& left) {
  while (left != 0 && !queue.empty()) {
    Slice slice = std::move(queue.front());
    queue.pop_front();
    spend(left, 1);
    Steps mine = std::min(left, slice_steps);
    left -= mine;
    const bool finished = slice(mine);
    left += mine;
    if (!finished) queue.push_back(std::move(slice));
  }
}

}  // namespace broker
