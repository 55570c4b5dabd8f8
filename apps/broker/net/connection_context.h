#pragma once

#include "access/authenticator.h"
#include "access/enhanced_authentication.h"
#include "log/line_rate.h"
#include "net/admission.h"
#include "net/input_queue.h"
#include "net/opening_budget.h"
#include "net/outbox.h"
#include "session/session_context.h"

namespace broker {

class ConnectionTable;

/// What the connections of one worker work with. One per worker; outlives them.
struct ConnectionContext {
  SessionContext& sessions;
  OutputPool& pool;
  InputQueue& input;
  Authenticator& authenticator;
  const AuthenticationMethods& methods;
  Admission& admission;                  ///< all workers'
  OpeningBudget& opening_budget;         ///< all workers'
  ConnectionTable* table = nullptr;      ///< this worker's
  LineRate refused_by_proxy_rules = {};  ///< of lines about headers that were not in order
  LineRate refused_clients = {};         ///< of lines about CONNECTs that were refused
  LineRate violations = {};              ///< of lines about rules that clients broke
};

}  // namespace broker
