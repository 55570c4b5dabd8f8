#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "mqtt/protocol/ring_queue.h"

namespace broker {

/// A point in what one worker has written down: everything noted up to there is kept once it is
/// committed. 0: nothing.
using Position = std::uint64_t;

/// How far the record of what must survive has come, as one worker sees it. Sessions note what
/// changes; an answer that promises something waits for the position of its note.
///
/// Whoever keeps the record drives it: `note` as something is handed over to be kept, `commit` when
/// it is safe. Without a keeper there is no Journal, and nothing waits.
///
/// One per worker, touched by its thread alone.
class Journal {
 public:
  /// Of all that has been noted on this worker so far.
  Position noted() const { return noted_; }
  Position committed() const { return committed_; }
  bool has_committed(Position position) const { return position <= committed_; }

  /// Something was noted: its position.
  Position note() { return ++noted_; }

  /// Calls back once `position` is committed: at once if it is, otherwise from `commit`, in the
  /// order of the calls.
  void when_committed(Position position, std::function<void()> call) {
    if (has_committed(position)) return call();
    waiting_.push_back({position, std::move(call)});
  }
  /// All up to `position` is kept. Lets go on what waits for it.
  void commit(Position position) {
    if (position > committed_) committed_ = position;
    // A call may wait again; what it waits for is later.
    while (!waiting_.empty() && has_committed(waiting_.front().position)) {
      const std::function<void()> call = std::move(waiting_.front().call);
      waiting_.pop_front();
      call();
    }
  }

 private:
  struct Waiting {
    Position position = 0;
    std::function<void()> call;
  };
  Position noted_ = 0;
  Position committed_ = 0;
  /// Positions rise, since everyone waits for what was noted last.
  mqtt::RingQueue<Waiting> waiting_;
};

}  // namespace broker
