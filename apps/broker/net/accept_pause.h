#pragma once

#include <functional>

#include "mqtt/io/timer.h"
#include "net/opening_budget.h"

namespace broker {

/// Leaves new connections in the kernel's queue while those that are not let in yet hold all that
/// they may: they wait there instead of being refused, and cost the broker nothing. Belongs to the
/// worker that accepts.
class AcceptPause {
 public:
  /// `set_paused` stops accepting, or goes on with it.
  AcceptPause(mqtt::io::Loop& loop, const OpeningBudget& budget,
              std::function<void(bool paused)> set_paused);

  /// A connection has been counted into the budget. Whether accepting stops now.
  bool stops_now();

 private:
  void look_again();

  const OpeningBudget& budget_;
  std::function<void(bool)> set_paused_;
  mqtt::io::Timer timer_;
};

}  // namespace broker
