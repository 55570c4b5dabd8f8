#pragma once

#include <cstddef>
#include <memory>

#include "access/authenticator.h"
#include "access/authoriser.h"
#include "access/enhanced_authentication.h"
#include "access/files/access_files.h"
#include "access/files/acl_authoriser.h"
#include "access/files/password_authenticator.h"
#include "access/hash_pool.h"
#include "net/admission.h"
#include "net/connection_table.h"
#include "net/input_queue.h"
#include "net/opening_budget.h"
#include "net/outbox.h"
#include "routing/router.h"
#include "runtime/turn_lock.h"
#include "runtime/worker_context.h"
#include "session/dispatcher.h"
#include "session/session_table.h"

namespace broker {

/// What all workers share; each member guards itself or says who guards it.
struct SharedRooms {
  SharedRooms(unsigned workers, const Config& config);

  TurnLock turn_lock;
  SubscriptionTree subscriptions;  ///< guarded by turn_lock
  RetainedTree retained;
  RetainedOrder retained_order;
  ClientDirectory directory;
  Admission admission;
  OpeningBudget opening_budget;
  std::unique_ptr<Authoriser> authoriser;        ///< guards itself; nullptr: the ACL files
  AuthenticationMethods methods;                 ///< read-only once the workers run
  std::unique_ptr<Authenticator> authenticator;  ///< guards itself; nullptr: the password files
  HashPool hashes;
};

/// Everything that belongs to one worker, built and connected. Members are in the order of use:
/// later ones know earlier ones, and go first.
struct WorkerRooms {
  WorkerRooms(unsigned index, const Clock& clock, Log& log, Counters& counters, SharedRooms& shared,
              std::shared_ptr<const Config> config);

  /// `own`: an authoriser in place of the files.
  void use(const std::shared_ptr<const AccessFiles>& files, Authoriser* own);

  /// Gives the shared trees back to writers before the loop sleeps.
  struct EndOfReading final : TurnEndTask {
    explicit EndOfReading(TurnAccess& access) : trees(access) {}
    void on_turn_end() override { trees.end_turn(); }
    TurnAccess& trees;
  };

  Worker worker;
  TurnAccess trees;
  PasswordAuthenticator passwords;
  AclAuthoriser rules;
  AccessControl access;
  WorkerContext context;
  SlicedWork work;
  EndedSubscriptions ended_subscriptions;
  SessionContext session_context;
  SessionTable sessions;
  Router router;
  Dispatcher dispatcher;
  OutputPool pool;
  InputQueue input;
  ConnectionContext connection_context;
  ConnectionTable connections;
  EndOfReading end_of_reading;
};

}  // namespace broker
