#include "net/accept_pause.h"

#include <chrono>
#include <utility>

namespace broker {
namespace {

/// Connections are let in, or give up, on any worker: none of them has to tell this one.
constexpr std::chrono::milliseconds look_interval{20};

}  // namespace

AcceptPause::AcceptPause(mqtt::io::Loop& loop, const OpeningBudget& budget,
                         std::function<void(bool)> set_paused)
    : budget_(budget), set_paused_(std::move(set_paused)), timer_(loop, [this] { look_again(); }) {}

bool AcceptPause::stops_now() {
  if (!budget_.exhausted()) return false;
  set_paused_(true);
  if (timer_.is_active()) return false;
  timer_.start(look_interval, look_interval);
  return true;
}

void AcceptPause::look_again() {
  if (!budget_.has_room()) return;
  timer_.stop();
  set_paused_(false);
}

}  // namespace broker
