#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "runtime/worker.h"

namespace broker {

class Connection;

/// Connections of one worker whose input is not worked off yet, and whose turn is to come.
///
/// A connection that has read much, or whose packets are costly, gets a share of work at a time;
/// what is left waits here, unread input in the kernel behind it. The connections take turns at the
/// end of each loop turn, for as long as the turn may take. So whoever sends little never waits for
/// longer than a turn, whatever others send.
///
/// Belongs to the worker. Work is counted (Worker::count_work), not timed.
class InputQueue final : public TurnEndTask {
 public:
  /// Work that one connection causes before others have their turn.
  static constexpr std::uint64_t share = 512;
  /// Work from this queue in one turn.
  static constexpr std::uint64_t turn_budget = 4096;

  explicit InputQueue(Worker& worker) : worker_(worker) {}

  /// The connection goes on with its input when its turn comes. It stays alive until then, and
  /// stands in the queue once.
  void add(Connection& connection) { ready_.push_back(&connection); }
  /// The connection sends more than another worker takes: its turn comes after `release`.
  void hold_back(Connection& connection) { held_back_.push_back(&connection); }
  /// Other workers have room again for what those that were held back publish.
  void release();

  /// More input waits than a turn has time for.
  bool saturated() const { return !ready_.empty(); }
  std::size_t size() const { return ready_.size() + held_back_.size(); }
  void on_turn_end() override;

 private:
  Worker& worker_;
  std::deque<Connection*> ready_;
  std::deque<Connection*> held_back_;
};

}  // namespace broker
