#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/protocol/qos.h"
#include "runtime/worker_group.h"
#include "session/session_context.h"

namespace broker {

/// One subscription, for operators.
struct ListedSubscription {
  std::string filter;  ///< mounted, with `$share`
  std::string client_id;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
};

/// Asks all workers for the subscriptions of their sessions. Each worker answers in parts, one per
/// turn, so that its clients do not wait. Changes made meanwhile may or may not be in the list.
class SubscriptionListing {
 public:
  struct Result {
    std::vector<ListedSubscription> subscriptions;  ///< in no order
    std::size_t left_out = 0;                       ///< beyond `most`
  };
  /// A bound, so that a list does not use the memory that clients need.
  static constexpr std::size_t most = 1'000'000;

  /// `contexts`: by worker.
  SubscriptionListing(const WorkerGroup& workers, std::vector<SessionContext*> contexts)
      : workers_(workers), contexts_(std::move(contexts)) {}

  /// Waits until all workers have answered: from a thread that is not one of theirs. nullopt: `stop`
  /// has come, or the workers have been stopped.
  std::optional<Result> gather(std::stop_token stop) const;

 private:
  const WorkerGroup& workers_;
  std::vector<SessionContext*> contexts_;
};

/// Writes the subscriptions as two trees, plain ones and then those of share groups, below `$share`
/// and the group's name: a line for each level, indented by two blanks for each level above it and
/// four more, with ` (CLIENT, QOS)` for each subscriber. `write` takes the text in pieces; false
/// ends it.
void write_tree(std::vector<ListedSubscription> subscriptions,
                const std::function<bool(std::string_view text)>& write);

}  // namespace broker
