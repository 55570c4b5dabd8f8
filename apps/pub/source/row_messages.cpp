#include "pub/source/row_messages.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pub {

tl::expected<std::unique_ptr<RowMessages>, std::string> RowMessages::open(
    mqtt::io::Loop& loop, const std::string& path, std::optional<char> delimiter,
    MessageTemplate message) {
  const bool is_stdin = path == "-";
  const int descriptor = is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    return tl::unexpected(fmt::format("cannot read \"{}\": {}", path, std::strerror(errno)));
  }
  const auto size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  return std::unique_ptr<RowMessages>(new RowMessages(
      loop, descriptor, is_stdin ? "standard input" : path, size, delimiter, std::move(message)));
}

RowMessages::RowMessages(mqtt::io::Loop& loop, int descriptor, std::string name, std::uint64_t size,
                         std::optional<char> delimiter, MessageTemplate message)
    : descriptor_(descriptor),
      name_(std::move(name)),
      size_(size),
      template_(std::move(message)),
      input_(loop, descriptor, [this] { read(); }),
      rows_(delimiter ? RowReader(*delimiter) : RowReader()) {}

RowMessages::~RowMessages() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

MessageSource::Step RowMessages::next(OutgoingMessage& message) {
  if (!error().empty()) return Step::failed;
  switch (rows_.next()) {
    case RowReader::Step::error:
      return fail_at(rows_.error_line(), rows_.error());
    case RowReader::Step::more:
      if (ended_) return Step::end;
      input_.resume();
      return Step::later;
    case RowReader::Step::row:
      break;
  }
  const auto expanded = template_.expand(rows_.row());
  if (!expanded) return fail_at(rows_.row().line, expanded.error());
  message = *expanded;
  return Step::message;
}

void RowMessages::read() {
  const std::string_view chunk = input_.read();
  input_.pause();
  read_bytes_ += chunk.size();
  if (!input_.error().empty()) {
    fail(fmt::format("cannot read {}: {}", name_, input_.error()));
  } else if (chunk.empty()) {
    ended_ = true;
    rows_.finish();
  } else {
    rows_.feed(chunk);
  }
  tell_ready();
}

std::optional<double> RowMessages::share() const {
  if (size_ == 0) return std::nullopt;
  return std::min(
      1.0, static_cast<double>(read_bytes_ - rows_.unread_size()) / static_cast<double>(size_));
}

MessageSource::Step RowMessages::fail_at(std::size_t line, const std::string& what) {
  return fail(fmt::format("{}:{}: {}", name_, line, what));
}

}  // namespace pub
