#include "session/opening.h"

#include "runtime/heap_account.h"
#include "session/session_table.h"

namespace broker {

tl::expected<OpenedSession, mqtt::ReasonCode> open_session(SessionContext& context,
                                                           std::string_view client_id,
                                                           bool clean_start) {
  ClientDirectory& directory = context.directory;
  const SessionId known = directory.find(client_id);
  if (Session* older = context.sessions.find(known)) older->make_way(clean_start);
  if (Session* session = context.sessions.find(known)) {
    directory.settle(session->core().name);
    return OpenedSession{session, true};  // [MQTT-3.1.2-5]
  }
  const std::uint32_t limit = context.here.config->limits.global_max_clients;
  if (limit != 0 && directory.session_count() >= limit) {
    directory.abandon(client_id);
    return tl::unexpected(mqtt::ReasonCode::server_busy);
  }
  if (heap_account.exhausted()) {
    context.here.counters.add(Count::memory_refused_sessions);
    directory.abandon(client_id);
    return tl::unexpected(mqtt::ReasonCode::quota_exceeded);
  }
  Session& session = context.sessions.create(client_id);  // [MQTT-3.1.2-6]
  directory.settle(session.core().name);
  return OpenedSession{&session, false};
}

}  // namespace broker
