#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "message/share_key.h"
#include "routing/receiver.h"

namespace broker {

/// The members of one share group that subscribed to one filter, in the order in which they joined.
/// Immutable: a change of members creates a new one with the same key, and so with the same turn.
struct ShareGroup {
  std::vector<Receiver> members;
  ShareKeyPtr key;
};
using ShareGroupPtr = std::shared_ptr<const ShareGroup>;

/// The receivers of messages on one topic: a value that is valid until the tree's generation
/// changes. Immutable, so that it may be kept, shared and used without a lock.
struct Match {
  /// Plain subscribers, grouped by worker in ascending order; within a worker in the order of the
  /// tree: the exact level before `+` before `#`.
  std::vector<Receiver> receivers;
  /// [begins[i], begins[i + 1]) of `receivers` belong to one worker; one more entry than workers
  /// present (empty if there are no receivers).
  std::vector<std::uint32_t> begins;
  /// One for each share group and filter that matches: one member of each receives.
  std::vector<ShareGroupPtr> groups;

  bool empty() const { return receivers.empty() && groups.empty(); }
  /// The receivers from begins[i] on: those of one worker.
  std::span<const Receiver> of_one_worker(std::size_t i) const {
    return std::span(receivers).subspan(begins[i], begins[i + 1] - begins[i]);
  }
};
using MatchPtr = std::shared_ptr<const Match>;

}  // namespace broker
