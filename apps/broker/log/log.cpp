#include "log/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "log/cut.h"
#include "log/json_line.h"

namespace broker {
namespace {

/// A peer's text must not start a line of its own or move the cursor of a terminal.
char printable(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20U || byte == 0x7FU ? ' ' : c;
}

void append_text(std::string& line, std::string_view text) {
  text = cut(text, Log::max_line_bytes - std::min(line.size(), Log::max_line_bytes));
  std::transform(text.begin(), text.end(), std::back_inserter(line), printable);
}

/// How many NotToTopics live on this thread.
thread_local int not_to_topics = 0;

int syslog_level(LogType type) {
  switch (type) {
    case LogType::error:
      return LOG_ERR;
    case LogType::warning:
      return LOG_WARNING;
    case LogType::notice:
    case LogType::subscribe:
    case LogType::unsubscribe:
      return LOG_NOTICE;
    case LogType::information:
      return LOG_INFO;
    default:
      return LOG_DEBUG;
  }
}

/// LOG_LOCAL0 to LOG_LOCAL7 follow each other in the bits above the level.
int syslog_facility(const LogSettings& settings) {
  if (!settings.syslog_local_facility) return LOG_DAEMON;
  return LOG_LOCAL0 + (*settings.syslog_local_facility << 3);
}

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

Log::NotToTopics::NotToTopics() {
  ++not_to_topics;
}

Log::NotToTopics::~NotToTopics() {
  --not_to_topics;
}

void Log::set_topic_sink(TopicSink* sink) {
  const std::lock_guard lock(mutex_);
  topic_sink_ = sink;
}

std::int64_t Log::system_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

Log::Log(Clock clock) : enabled_(0), clock_(clock) {
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
  if (settings.to_syslog) ::openlog("mqtt-broker", LOG_PID | LOG_CONS, syslog_facility(settings));
  enabled_.store(heard_types(settings).bits(), std::memory_order_relaxed);
  return true;
}

LogTypes Log::heard_types(const LogSettings& settings) {
  const bool takes_all =
      settings.to_stdout || settings.to_stderr || settings.to_syslog || !settings.file.empty();
  if (takes_all) return settings.types;
  if (!settings.to_topic) return LogTypes::none();
  return LogTypes::from_bits(settings.types.bits() & topic_types.bits());
}

void Log::fall_back(std::string_view reason) {
  stdout_.descriptor = -1;
  stderr_.descriptor = STDERR_FILENO;
  enabled_.store(LogTypes{LogType::error}.bits(), std::memory_order_relaxed);
  put(LogType::error, {}, reason);
}

void Log::close_file() {
  if (file_.descriptor >= 0) ::close(file_.descriptor);
  file_ = {};
}

void Log::write_line(LogType type, const LogFields& fields, fmt::string_view format,
                     fmt::format_args args) {
  const Text text = format_bounded(format, args);
  const std::lock_guard lock(mutex_);
  if (!wants(type)) return;  // it may have been switched off since the caller looked
  put(type, fields, text.view());
}

void Log::put(LogType type, const LogFields& fields, std::string_view text) {
  const std::string whole = in_form(type, fields, text);
  bool arrived = false;
  for (Destination* destination : {&stdout_, &stderr_, &file_}) {
    if (destination->descriptor >= 0) arrived |= send(*destination, whole);
  }
  if (settings_.to_syslog) {
    ::syslog(syslog_level(type), "%.*s", static_cast<int>(whole.size()) - 1, whole.data());
    arrived = true;
  }
  if (settings_.to_topic && topic_types.contains(type)) {
    if (topic_sink_ != nullptr && not_to_topics == 0) {
      topic_sink_->take(type, std::string_view(whole).substr(0, whole.size() - 1));
    }
    arrived = true;  // a line that nobody subscribed to is not lost
  }
  if (!arrived) lost_.fetch_add(1, std::memory_order_relaxed);
}

/// The line in the form of the settings, with its newline.
std::string Log::in_form(LogType type, const LogFields& fields, std::string_view text) {
  std::string line;
  line.reserve(text.size() + 64);
  if (settings_.format == LogFormat::json) {
    append_json_line(line, clock_(), type, fields, cut(text, max_line_bytes));
  } else {
    append_text(line, stamp());
    if (settings_.show_level) line.append(level_name(type)).append(": ");
    if (text.starts_with('\t')) {  // the broker's own: the line belongs to the one before
      line += '\t';
      text.remove_prefix(1);
    }
    append_text(line, text);
  }
  line += '\n';
  return line;
}

std::string_view Log::stamp() {
  if (!settings_.timestamp) return {};
  const std::time_t now = clock_() / 1000;
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
    const std::string note =
        fmt::format("{} log lines could not be written here", destination.missing);
    if (write_once(destination.descriptor, in_form(LogType::warning, {}, note))) {
      destination.missing = 0;
    }
  }
  if (room && destination.missing == 0 && write_once(destination.descriptor, line)) return true;
  ++destination.missing;
  return false;
}

}  // namespace broker
