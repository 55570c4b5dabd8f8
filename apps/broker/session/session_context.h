#pragma once

#include <memory>

#include "access/authoriser.h"
#include "config/config.h"
#include "log/log.h"
#include "metrics/counters.h"
#include "routing/retained_tree.h"
#include "routing/subscription_tree.h"
#include "runtime/sliced_work.h"
#include "runtime/turn_lock.h"
#include "runtime/worker.h"
#include "session/client_directory.h"
#include "session/ended_subscriptions.h"

namespace broker {

class Dispatcher;
class SessionTable;

/// What the sessions of one worker work with. One per worker; outlives them.
struct SessionContext {
  Worker& worker;
  Log& log;
  Counters& counters;               ///< this worker's
  TurnAccess& shared_trees;         ///< this worker's side of the lock around `subscriptions`
  SubscriptionTree& subscriptions;  ///< all workers'; guarded by `shared_trees`
  RetainedTree& retained;           ///< all workers'; guards itself
  ClientDirectory& directory;       ///< all workers'; guards itself
  const AccessControl& access;
  SlicedWork& work;                         ///< this worker's
  EndedSubscriptions& ended_subscriptions;  ///< this worker's
  std::shared_ptr<const Config> config;     ///< replaced as a whole by a reload
  Dispatcher* dispatcher = nullptr;         ///< this worker's
  SessionTable* sessions = nullptr;         ///< this worker's
};

}  // namespace broker
