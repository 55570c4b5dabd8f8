#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "message/message.h"
#include "routing/router.h"
#include "runtime/worker.h"

namespace broker {

class Dispatcher;

/// What became of a message that was published.
enum class Routed : std::uint8_t {
  received,  ///< handed to every receiver
  nobody,    ///< there was no matching subscription
  later,     ///< it takes more than one turn: whoever published it is told
};
/// How whoever published is told: once, on the same worker, not within `publish`.
using RoutedLater = std::function<void(Routed)>;

/// Messages of one worker on their way to their receivers for more than one turn: to find who
/// receives them, or to reach all of those, takes too much work to be done at a time. They take
/// turns, in small steps. Whoever published one waits until it has arrived everywhere, so that the
/// order of its messages is kept and there is no more than one from each.
///
/// Belongs to the worker.
class FanOuts final : public TurnEndTask {
 public:
  FanOuts(Worker& worker, Dispatcher& dispatcher) : worker_(worker), dispatcher_(dispatcher) {}

  /// `match` nullptr: to be found.
  void add(MessagePtr message, MatchPtr match, RoutedLater done);
  std::size_t size() const { return waiting_.size(); }

  void on_turn_end() override;

 private:
  /// Work in one turn.
  static constexpr std::uint64_t turn_budget = 2048;
  /// Searches at a time: those behind have not begun, and hold nothing of the tree.
  static constexpr std::size_t most_searches = 4;

  struct FanOut {
    MessagePtr message;
    std::unique_ptr<Router::Search> search;
    MatchPtr match;
    std::size_t reached = 0;  ///< of the receivers in the match
    RoutedLater done;
  };
  bool step(FanOut& one);

  Worker& worker_;
  Dispatcher& dispatcher_;
  std::deque<FanOut> waiting_;
};

}  // namespace broker
