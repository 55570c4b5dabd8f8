#include "pub/source/line_messages.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/input/payload_limit.h"

namespace pub {

LineMessages::LineMessages(mqtt::io::Loop& loop, const OutgoingMessage& message)
    : message_(message), input_(loop, STDIN_FILENO, [this] { read(); }) {}

MessageSource::Step LineMessages::next(OutgoingMessage& message) {
  if (!error().empty()) return Step::failed;
  auto line = lines_.next();
  if (!line && ended_) line = lines_.last_line();
  if (line) {
    message = message_;
    message.payload = *line;
    return Step::message;
  }
  if (ended_) return Step::end;
  if (lines_.unfinished_size() > cli::max_payload_bytes) {
    return fail(fmt::format("a line has more than {} bytes, which do not fit into a message",
                            cli::max_payload_bytes));
  }
  input_.resume();
  return Step::later;
}

void LineMessages::read() {
  const std::string_view chunk = input_.read();
  input_.pause();
  if (!input_.error().empty()) {
    fail(fmt::format("cannot read the standard input: {}", input_.error()));
  }
  ended_ = chunk.empty();
  lines_.feed(chunk);
  tell_ready();
}

}  // namespace pub
