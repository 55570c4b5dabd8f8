#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "access/authoriser.h"
#include "mqtt/protocol/property.h"
#include "routing/retained_tree.h"
#include "routing/subscription_tree.h"
#include "runtime/sliced_work.h"
#include "runtime/turn_lock.h"
#include "runtime/worker_context.h"
#include "session/client_directory.h"
#include "session/ended_subscriptions.h"

namespace broker {

class Dispatcher;
class Journal;
class SessionTable;

/// Memory that a message from a client borrows on its way, used again for the next one.
struct MessageScratch {
  std::string topic;
  mqtt::PropertyList properties;
  std::vector<std::uint8_t> origin;
};

/// What the sessions of one worker work with. One per worker; outlives them.
struct SessionContext {
  WorkerContext& here;
  TurnAccess& shared_trees;         ///< this worker's side of the lock around `subscriptions`
  SubscriptionTree& subscriptions;  ///< all workers'; guarded by `shared_trees`
  RetainedTree& retained;           ///< all workers'; guards itself
  ClientDirectory& directory;       ///< all workers'; guards itself
  const AccessControl& access;
  SlicedWork& work;                         ///< this worker's
  EndedSubscriptions& ended_subscriptions;  ///< this worker's
  Dispatcher& dispatcher;                   ///< this worker's
  SessionTable& sessions;                   ///< this worker's
  Journal* journal = nullptr;               ///< this worker's; nullptr: nothing is kept
  MessageScratch scratch = {};              ///< this worker's
};

}  // namespace broker
