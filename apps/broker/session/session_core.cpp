#include "session/session_core.h"

#include <utility>

#include "session/session.h"
#include "session/session_table.h"

namespace broker {

const TopicMap SessionCore::same_topics;

void SessionCore::answer_in_order(WaitingAnswers::Answer answer) {
  if (connection == nullptr) return;
  const Position position = context.journal != nullptr ? context.journal->noted() : 0;
  const bool must_wait =
      waiting_answers || (context.journal != nullptr && !context.journal->has_committed(position));
  if (!must_wait) return WaitingAnswers::send(answer, *connection);
  const bool is_first = !waiting_answers;
  if (is_first) waiting_answers = std::make_unique<WaitingAnswers>();
  waiting_answers->add(position, std::move(answer));
  if (is_first) await_commit();
}

/// Of the connection that is there: its end takes the answers along.
void SessionCore::await_commit() {
  context.journal->when_committed(waiting_answers->next_position(),
                                  [&context = context, id = id(), asked = attachment] {
                                    Session* const session = context.sessions.find(id);
                                    if (session != nullptr && session->core().attachment == asked)
                                      session->core().release_answers();
                                  });
}

void SessionCore::release_answers() {
  if (connection == nullptr || !waiting_answers) return;
  if (!connack_sent) return release_connack();
  const bool was_full = waiting_answers->full();
  waiting_answers->release(context.journal->committed(), *connection);
  const bool is_full = waiting_answers->full();
  if (waiting_answers->empty()) {
    waiting_answers.reset();
  } else {
    await_commit();
  }
  // Last: it may end the session.
  if (was_full && !is_full) connection->continue_input();
}

/// It waits alone: nothing is read from the client before it. What follows it may be anything.
void SessionCore::release_connack() {
  waiting_answers.reset();
  connection->session_kept();
}

}  // namespace broker
