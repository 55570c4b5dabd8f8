#pragma once

#include <fmt/core.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "log/log_fields.h"
#include "log/log_settings.h"

namespace broker {

/// The broker's log: one object, created by main and passed by reference to everything that logs.
///
/// Every function may be called from any thread. A call for a type that is off costs one relaxed
/// load and formats nothing. A line is truncated at `max_line_bytes` (a JSON object may be longer,
/// its text may not) and passed to each destination in one write, so lines never mix.
///
/// The log never delays a worker for long. If a pipe or terminal is full, the first line waits for
/// at most `stalled_reader_wait_ms`. From then on lines are dropped and counted until there is
/// space again, and the next line has their number.
class Log {
 public:
  using Clock = std::int64_t (*)();  ///< milliseconds since the Unix epoch

  /// Publishes lines as messages (`log_dest topic`). Called on any thread, with the log's lock
  /// held: it must not log.
  class TopicSink {
   public:
    /// `line`: in the form of the settings, without a newline. Only types of `topic_types`.
    virtual void take(LogType type, std::string_view line) = 0;

   protected:
    ~TopicSink() = default;
  };
  /// The types that have a topic.
  static constexpr LogTypes topic_types{LogType::error,     LogType::warning,
                                        LogType::notice,    LogType::information,
                                        LogType::subscribe, LogType::unsubscribe};
  /// The prefix of these topics.
  static constexpr std::string_view topic_root = "$SYS/broker/log/";

  /// While one exists, lines of its thread go to no topic: otherwise a line about the delivery of a
  /// line would cause another one, without end.
  class NotToTopics {
   public:
    NotToTopics();
    ~NotToTopics();
    NotToTopics(const NotToTopics&) = delete;
    NotToTopics& operator=(const NotToTopics&) = delete;
  };

  static constexpr std::size_t max_line_bytes = 999;  ///< with the stamp, without the newline
  static constexpr int stalled_reader_wait_ms = 20;

  /// Starts with the defaults of LogSettings: standard error, Unix seconds.
  explicit Log(Clock clock = system_clock);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Applies `settings` for all threads and reopens the file (also after it was rotated). If the
  /// file cannot be opened, only errors are logged, to standard error, beginning with the reason;
  /// the result is then false, and the broker keeps running.
  bool configure(const LogSettings& settings);

  /// Closes and opens the file again under the settings in force. Result as for `configure`.
  bool reopen();

  /// nullptr: no sink. After this returns, the previous sink is no longer called.
  void set_topic_sink(TopicSink* sink);

  /// Whether a line of `type` has a destination: for callers whose arguments are expensive.
  bool wants(LogType type) const noexcept {
    return LogTypes::from_bits(enabled_.load(std::memory_order_relaxed)).contains(type);
  }

  /// Lines that no destination accepted: a full pipe or disk, a closed descriptor.
  std::uint64_t lost_lines() const noexcept { return lost_.load(std::memory_order_relaxed); }

  /// Pass names chosen by clients as ShownName.
  template <typename... Args>
  void write(LogType type, fmt::format_string<Args...> format, Args&&... args) {
    if (wants(type)) write_line(type, {}, format, fmt::make_format_args(args...));
  }
  /// With fields for JSON.
  template <typename... Args>
  void write(LogType type, const LogFields& fields, fmt::format_string<Args...> format,
             Args&&... args) {
    if (wants(type)) write_line(type, fields, format, fmt::make_format_args(args...));
  }

  template <typename... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    write(LogType::error, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) {
    write(LogType::warning, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void notice(fmt::format_string<Args...> format, Args&&... args) {
    write(LogType::notice, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void information(fmt::format_string<Args...> format, Args&&... args) {
    write(LogType::information, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) {
    write(LogType::debug, format, std::forward<Args>(args)...);
  }

 private:
  /// One open destination. `stalled` is set while its reader has stopped reading.
  struct Destination {
    int descriptor = -1;
    bool stalled = false;
    std::uint64_t missing = 0;  ///< lines dropped since the last one that got through
  };

  static std::int64_t system_clock();
  static LogTypes heard_types(const LogSettings& settings);

  void write_line(LogType type, const LogFields& fields, fmt::string_view format,
                  fmt::format_args args);
  bool open(const LogSettings& settings);   // the caller holds mutex_
  void fall_back(std::string_view reason);  // the caller holds mutex_
  void close_file();                        // the caller holds mutex_
  std::string_view stamp();                 // the caller holds mutex_
  // the caller holds mutex_
  void put(LogType type, const LogFields& fields, std::string_view text);
  std::string in_form(LogType type, const LogFields& fields, std::string_view text);
  bool send(Destination& destination, std::string_view line);

  /// LogTypes that reach a destination. In a cache line of its own: it is read for each packet,
  /// and what follows is written with each line.
  alignas(64) std::atomic<std::uint32_t> enabled_;
  alignas(64) const Clock clock_;
  std::atomic<std::uint64_t> lost_{0};

  std::mutex mutex_;  ///< guards everything below
  LogSettings settings_;
  TopicSink* topic_sink_ = nullptr;
  Destination stdout_;
  Destination stderr_;
  Destination file_;
  std::time_t stamped_second_ = -1;  ///< the second that stamp_ shows
  std::string stamp_;
};

}  // namespace broker
