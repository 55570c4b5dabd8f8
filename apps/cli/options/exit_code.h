#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cli {

/// How a tool ends: one table for all of them, so that a script can tell the reasons apart.
///
/// Besides these, a refused connection ends with the code of the CONNACK itself (MQTT 3.x: 1 to 5,
/// MQTT 5: 128 to 162), and a run cut short by a signal with 128 plus the signal's number, as a
/// shell would report it.
enum class ExitCode : std::uint8_t {
  success = 0,
  /// Invalid options, unreadable input, or the first connection failed.
  failure = 1,
  protocol_error = 2,
  connection_lost = 7,
  tls_failure = 8,
  timeout = 27,
  subscription_denied = 64,
  message_rejected = 65,
  output_failed = 66,
};

struct ExitCodeRow {
  ExitCode code;
  std::string_view meaning;  ///< for the man pages
};

/// Every row of the table, in rising order.
std::span<const ExitCodeRow> exit_code_rows();

constexpr int status(ExitCode code) {
  return static_cast<int>(code);
}

/// The status of a run that `signal` ended.
constexpr int signal_status(int signal) {
  return 128 + signal;
}

}  // namespace cli
