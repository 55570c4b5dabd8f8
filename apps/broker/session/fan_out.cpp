#include "session/fan_out.h"

#include <algorithm>
#include <utility>

#include "message/publication.h"
#include "session/dispatcher.h"

namespace broker {

void FanOuts::add(MessagePtr message, MatchPtr match, RoutedLater done) {
  waiting_.push_back({std::move(message), nullptr, std::move(match), 0, std::move(done)});
  worker_.keep_turning();
}

/// Nothing is done while other workers have far too much to deliver: they say when they have room.
void FanOuts::on_turn_end() {
  const std::uint64_t end = worker_.work_done() + turn_budget;
  std::size_t searches = 0;
  for (std::size_t passed = 0; passed < waiting_.size() && worker_.work_done() < end;) {
    if (dispatcher_.must_wait()) return;
    FanOut one = std::move(waiting_.front());
    waiting_.pop_front();
    const bool may_go_on = one.match || ++searches <= most_searches;
    if (may_go_on && step(one)) {
      if (one.done) one.done(one.match->empty() ? Routed::nobody : Routed::received);
      passed = searches = 0;
      continue;
    }
    waiting_.push_back(std::move(one));
    // Those with a search under way stay in front of those without.
    if (++passed == waiting_.size()) passed = searches = 0;
  }
  if (!waiting_.empty()) worker_.keep_turning();
}

/// True once the message has reached all.
bool FanOuts::step(FanOut& one) {
  Publication publication(one.message);
  if (!one.match) {
    Router& router = dispatcher_.router();
    if (!one.search) one.search = router.search(one.message->topic());
    const MatchPtr* const found = router.go_on(*one.search);
    if (found == nullptr) return false;
    one.match = *found;
    one.search.reset();
    if (!dispatcher_.in_steps(publication.view(), *one.match)) {
      dispatcher_.deliver(publication, one.match);
      return true;
    }
  }
  const std::size_t to =
      std::min(one.reached + Dispatcher::receivers_in_step, Dispatcher::size_of(*one.match));
  dispatcher_.reach(publication, one.match, one.reached, to);
  one.reached = to;
  return to == Dispatcher::size_of(*one.match);
}

}  // namespace broker
