#pragma once

#include "access/authenticator.h"
#include "access/enhanced_authentication.h"
#include "net/admission.h"
#include "net/connection_log.h"
#include "net/input_queue.h"
#include "net/opening.h"
#include "net/opening_budget.h"
#include "net/outbox.h"
#include "net/packet_gate.h"
#include "session/session_context.h"

namespace broker {

class ConnectionTable;

/// What the connections of one kind on one worker work with. Outlives them.
struct ConnectionContext {
  SessionContext& sessions;
  ConnectionTable& table;  ///< this worker's
  OutputPool& pool;
  InputQueue& input;
  Authenticator& authenticator;
  const AuthenticationMethods& methods;
  Admission& admission;           ///< all workers'
  OpeningBudget& opening_budget;  ///< all workers'
  MakeOpening make_opening;       ///< how a connection of this kind is let in
  const PacketGate& gate;         ///< what its packets mean from then on
  ConnectionLog::Rates log_rates = {};
  mqtt::PropertyList scratch = {};  ///< for the properties of one PUBLISH
};

}  // namespace broker
