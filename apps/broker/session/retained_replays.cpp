#include "session/retained_replays.h"

#include <iterator>
#include <utility>

#include "routing/text_hash.h"

namespace broker {
namespace {

/// One seed for all sessions of the process: clients know none.
std::uint64_t hash_of(std::string_view filter) {
  static const TextHash hash;
  return hash(filter);
}

auto is_of(std::string_view filter) {
  return [filter](const auto& entry) { return entry->replay.filter == filter; };
}

}  // namespace

void RetainedReplays::begin(Replay replay) {
  const std::uint64_t hash = hash_of(replay.filter);
  if (const auto* known = by_filter_.find(hash, is_of(replay.filter))) remove(*known, hash);
  waiting_.push_back({std::move(replay), request_});
  by_filter_.insert(hash, std::prev(waiting_.end()));
}

bool RetainedReplays::cancel(std::string_view filter) {
  const std::uint64_t hash = hash_of(filter);
  const auto* known = by_filter_.find(hash, is_of(filter));
  if (known == nullptr) return false;
  remove(*known, hash);
  return true;
}

void RetainedReplays::remove(Order::iterator entry, std::uint64_t hash) {
  if (entry == waiting_.begin()) started_ = false;
  by_filter_.erase(hash, [entry](const Order::iterator& other) { return other == entry; });
  waiting_.erase(entry);
}

void RetainedReplays::hold() {
  if (holding_) return;
  ++request_;
  holding_ = true;
}

const RetainedReplays::Replay* RetainedReplays::front() const {
  if (waiting_.empty()) return nullptr;
  const Asked& oldest = waiting_.front();
  return holding_ && oldest.request == request_ ? nullptr : &oldest.replay;
}

RetainedReplays::Next RetainedReplays::next(const RetainedTree& retained, std::size_t batch,
                                            Millis now, Steps& steps) {
  if (steps == 0) return {Outcome::stopped, {}};
  if (!started_) start_front();
  const Replay& replay = waiting_.front().replay;
  if (handed_out_ == batch_.size()) {
    batch_.clear();
    handed_out_ = 0;
  }
  while (batch_.empty() && !cursor_.done) {
    if (steps == 0) return {Outcome::stopped, {}};
    spend(steps, 1 + retained.collect(replay.filter, cursor_, batch, now, batch_, steps));
  }
  if (!batch_.empty()) return {Outcome::message, batch_[handed_out_++]};
  remove(waiting_.begin(), hash_of(replay.filter));
  return {Outcome::over, {}};
}

void RetainedReplays::start_front() {
  const Replay& replay = waiting_.front().replay;
  cursor_ = {};
  cursor_.newest = replay.newest;
  cursor_.mount_point_size = replay.mount_point_size;
  batch_.clear();
  handed_out_ = 0;
  started_ = true;
}

std::vector<RetainedReplays::Waiting> RetainedReplays::state() const {
  std::vector<Waiting> state;
  for (const Asked& asked : waiting_) state.push_back({asked.replay, std::nullopt});
  if (!started_ || !cursor_.begun) return state;
  if (cursor_.done) {
    state.erase(state.begin());
  } else {
    state.front().after = cursor_.last_topic;
  }
  return state;
}

void RetainedReplays::restore(std::vector<Waiting> state) {
  for (Waiting& waiting : state) begin(std::move(waiting.replay));
  if (state.empty() || !state.front().after) return;
  start_front();
  cursor_.last_topic = *std::move(state.front().after);
  cursor_.begun = true;
}

void RetainedReplays::give_back() {
  if (started_ && handed_out_ != 0 && handed_out_ < batch_.size()) {
    cursor_.last_topic = batch_[handed_out_ - 1]->topic().text();
    cursor_.begun = true;
    cursor_.done = false;
  }
  batch_.clear();
  handed_out_ = 0;
}

}  // namespace broker
