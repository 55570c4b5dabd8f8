#include "log/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace broker {
namespace {

/// Collects one line on the stack; what does not fit is left out, whole UTF-8 characters at a time.
class Line {
 public:
  void append(std::string_view text) {
    const std::size_t room = Log::max_line_bytes - size_;
    std::size_t take = std::min(text.size(), room);
    if (take < text.size()) {
      while (take > 0 && is_continuation(text[take])) --take;
    }
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(take),
                   bytes_.begin() + static_cast<std::ptrdiff_t>(size_), printable);
    size_ += take;
  }

  /// The line with its newline; nothing may be appended afterwards.
  std::string_view finish() {
    bytes_[size_] = '\n';
    return {bytes_.data(), size_ + 1};
  }

 private:
  static bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

  /// A peer's text must not start a line of its own or move the cursor of a terminal.
  static char printable(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20U || byte == 0x7FU ? ' ' : c;
  }

  std::array<char, Log::max_line_bytes + 1> bytes_;
  std::size_t size_ = 0;
};

/// An output iterator's target that stops growing: a long argument costs no memory.
struct Text {
  std::array<char, Log::max_line_bytes + 4> bytes;  // 4: enough to see where a character is cut
  std::size_t size = 0;

  std::string_view view() const { return {bytes.data(), size}; }
};

Text format_bounded(fmt::string_view format, fmt::format_args args) {
  Text text;
  const auto result = fmt::vformat_to_n(text.bytes.data(), text.bytes.size(), format, args);
  text.size = std::min(result.size, text.bytes.size());
  return text;
}

bool has_room(int descriptor, int wait_ms) {
  pollfd poll_entry{descriptor, POLLOUT, 0};
  int ready = 0;
  do {
    ready = ::poll(&poll_entry, 1, wait_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0 && (poll_entry.revents & POLLOUT) != 0;
}

bool write_once(int descriptor, std::string_view line) {
  ssize_t written = 0;
  do {
    written = ::write(descriptor, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  return written == static_cast<ssize_t>(line.size());
}

/// The descriptor of the log file, or -1 with errno set. A file that is not a regular one is
/// refused (ENOTSUP); O_NONBLOCK keeps a FIFO without a reader from blocking the open.
int open_log_file(const LogSettings& settings) {
  const int no_follow = settings.file_may_be_symlink ? 0 : O_NOFOLLOW;
  const int descriptor =
      ::open(settings.file.c_str(),
             O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | no_follow, 0600);
  if (descriptor < 0) return -1;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) return descriptor;
  ::close(descriptor);
  errno = ENOTSUP;
  return -1;
}

std::string open_error(const LogSettings& settings, int error) {
  const char* reason = error == ENOTSUP ? "not a regular file"
                       : error == ELOOP ? "a symbolic link is not accepted"
                                        : std::strerror(error);
  return fmt::format("Cannot open log file {}: {}. Logging errors to standard error.",
                     settings.file, reason);
}

}  // namespace

std::time_t Log::system_clock() {
  return std::time(nullptr);
}

Log::Log(Clock clock) : clock_(clock), enabled_(0) {
  configure(LogSettings{});
}

Log::~Log() {
  close_file();
}

bool Log::configure(const LogSettings& settings) {
  const std::lock_guard lock(mutex_);
  return open(settings);
}

bool Log::reopen() {
  const std::lock_guard lock(mutex_);
  return open(LogSettings(settings_));
}

bool Log::open(const LogSettings& settings) {
  close_file();
  settings_ = settings;
  stamped_second_ = -1;
  if (!settings.file.empty()) {
    file_.descriptor = open_log_file(settings);
    if (file_.descriptor < 0) {
      fall_back(open_error(settings, errno));
      return false;
    }
  }
  stdout_.descriptor = settings.to_stdout ? STDOUT_FILENO : -1;
  stderr_.descriptor = settings.to_stderr ? STDERR_FILENO : -1;
  const bool heard = settings.to_stdout || settings.to_stderr || !settings.file.empty();
  enabled_.store(heard ? settings.types.bits() : 0, std::memory_order_relaxed);
  return true;
}

void Log::fall_back(std::string_view reason) {
  stdout_.descriptor = -1;
  stderr_.descriptor = STDERR_FILENO;
  enabled_.store(LogTypes{LogType::error}.bits(), std::memory_order_relaxed);
  put(reason);
}

void Log::close_file() {
  if (file_.descriptor >= 0) ::close(file_.descriptor);
  file_ = {};
}

void Log::write_line(LogType type, fmt::string_view format, fmt::format_args args) {
  const Text text = format_bounded(format, args);
  const std::lock_guard lock(mutex_);
  if (wants(type)) put(text.view());  // it may have been switched off since the caller looked
}

void Log::put(std::string_view text) {
  Line line;
  line.append(stamp());
  line.append(text);
  const std::string_view whole = line.finish();
  bool arrived = false;
  for (Destination* destination : {&stdout_, &stderr_, &file_}) {
    if (destination->descriptor >= 0) arrived |= send(*destination, whole);
  }
  if (!arrived) lost_.fetch_add(1, std::memory_order_relaxed);
}

std::string_view Log::stamp() {
  if (!settings_.timestamp) return {};
  const std::time_t now = clock_();
  if (now == stamped_second_) return stamp_;
  stamped_second_ = now;
  if (settings_.timestamp_format.empty()) {
    stamp_ = fmt::format("{}: ", now);
    return stamp_;
  }
  std::tm local{};
  std::array<char, 256> text{};
  const bool shown =
      ::localtime_r(&now, &local) != nullptr &&
      std::strftime(text.data(), text.size(), settings_.timestamp_format.c_str(), &local) > 0;
  stamp_ = shown ? fmt::format("{}: ", text.data()) : "Time error: ";
  return stamp_;
}

bool Log::send(Destination& destination, std::string_view line) {
  const int wait_ms = destination.stalled ? 0 : stalled_reader_wait_ms;
  const bool room = has_room(destination.descriptor, wait_ms);
  destination.stalled = !room;
  if (room && destination.missing > 0) {
    Line note;
    note.append(stamp());
    const Text text = format_bounded("{} log lines could not be written here",
                                     fmt::make_format_args(destination.missing));
    note.append(text.view());
    if (write_once(destination.descriptor, note.finish())) destination.missing = 0;
  }
  if (room && destination.missing == 0 && write_once(destination.descriptor, line)) return true;
  ++destination.missing;
  return false;
}

}  // namespace broker
