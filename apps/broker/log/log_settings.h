#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

/// The type of a line. Operators enable each type separately (`log_type`); types are not ordered.
enum class LogType : std::uint8_t {
  error,
  warning,
  notice,
  information,
  debug,
  subscribe,
  unsubscribe,
  websockets,
  internal
};

/// Their names, in the same order.
inline constexpr std::array<std::string_view, 9> log_type_names{
    "error",     "warning",     "notice",     "information", "debug",
    "subscribe", "unsubscribe", "websockets", "internal"};

/// The severity of this type, in syslog's words: error, warning, notice, info or
/// debug.
constexpr std::string_view level_name(LogType type) {
  switch (type) {
    case LogType::error:
      return "error";
    case LogType::warning:
      return "warning";
    case LogType::notice:
    case LogType::subscribe:
    case LogType::unsubscribe:
      return "notice";
    case LogType::information:
      return "info";
    default:
      return "debug";
  }
}

/// A set of log types.
class LogTypes {
 public:
  constexpr LogTypes() = default;
  constexpr LogTypes(std::initializer_list<LogType> types) {
    for (const LogType type : types) insert(type);
  }

  static constexpr LogTypes all() { return from_bits((1U << 9U) - 1U); }
  static constexpr LogTypes none() { return {}; }
  static constexpr LogTypes from_bits(std::uint32_t bits) {
    LogTypes types;
    types.bits_ = bits;
    return types;
  }

  constexpr void insert(LogType type) { bits_ |= bit(type); }
  constexpr bool contains(LogType type) const { return (bits_ & bit(type)) != 0; }
  constexpr std::uint32_t bits() const { return bits_; }

  friend constexpr bool operator==(LogTypes, LogTypes) = default;

 private:
  static constexpr std::uint32_t bit(LogType type) { return 1U << static_cast<unsigned>(type); }

  std::uint32_t bits_ = 0;
};

/// The format of a line.
enum class LogFormat : std::uint8_t {
  text,  ///< `STAMP: TEXT`
  json   ///< one object per line, see docs/log-lines.md
};

/// Destinations and format of log lines. The defaults apply until a configuration has been read.
struct LogSettings {
  LogTypes types{LogType::error, LogType::warning, LogType::notice, LogType::information};

  bool to_stdout = false;
  bool to_stderr = true;
  bool to_syslog = false;
  bool to_topic = false;  ///< to the broker's clients, see Log::TopicSink
  /// The syslog facility, LOG_LOCAL0 to 7; absent: LOG_DAEMON.
  std::optional<std::uint8_t> syslog_local_facility;
  std::string file;                  ///< appended to, created with mode 0600; empty: no file
  bool file_may_be_symlink = false;  ///< a symbolic link is refused otherwise

  LogFormat format = LogFormat::text;
  bool timestamp = true;
  std::string timestamp_format;  ///< strftime(3), local time; empty: decimal Unix seconds
  bool show_level = false;       ///< `STAMP: LEVEL: TEXT` instead of `STAMP: TEXT`

  friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

}  // namespace broker
