#pragma once

#include <string_view>
#include <utility>

#include "access/authoriser.h"
#include "session/session.h"
#include "session/session_core.h"
#include "session/session_table.h"

namespace broker {

/// May `client` do that? The one way in which a session asks. The verdict if it is known at once;
/// on `later`, `then(session, kept, answered)` is called once, in a turn of this worker, with what
/// `keep()` gave: what the question is about outlives this call only if somebody has to think.
/// `session` is nullptr if it is over by then.
template <class Keep, class Then>
Verdict ask(SessionCore& asking, const ClientInfo& client, Access access, std::string_view topic,
            Keep keep, Then then) {
  SessionContext& context = asking.context;
  const auto make_answer = [&]() -> Authoriser::Answer {
    return [&context, id = asking.id(), attachment = asking.attachment, kept = keep(),
            then](bool allowed) mutable {
      Session* const session = context.sessions.find(id);
      const bool same =
          session != nullptr && session->connected() && session->core().attachment == attachment;
      then(session, kept, Answered{allowed, same});
    };
  };
  return context.access.authorise({context.here.worker, client, topic, access}, make_answer);
}

/// The same about the session's own client.
template <class Keep, class Then>
Verdict ask(SessionCore& asking, Access access, std::string_view topic, Keep keep, Then then) {
  if (!asking.context.access.active()) [[likely]]
    return Verdict::allow;
  return ask(asking, asking.client(), access, topic, std::move(keep), std::move(then));
}

}  // namespace broker
