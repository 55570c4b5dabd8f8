#include "cli/options/exit_code.h"

#include <array>

namespace cli {

std::span<const ExitCodeRow> exit_code_rows() {
  static constexpr std::array rows{
      ExitCodeRow{ExitCode::success, "Success."},
      ExitCodeRow{ExitCode::failure, "Invalid options, unreadable input, or no connection."},
      ExitCodeRow{ExitCode::protocol_error, "The broker violated the protocol."},
      ExitCodeRow{ExitCode::connection_lost, "The connection was lost before the work was done."},
      ExitCodeRow{ExitCode::tls_failure, "TLS failed: the handshake or a certificate."},
      ExitCodeRow{ExitCode::timeout, "The time limit expired."},
      ExitCodeRow{ExitCode::subscription_denied, "The broker denied the subscription."},
      ExitCodeRow{ExitCode::message_rejected, "The broker rejected a message."},
      ExitCodeRow{ExitCode::output_failed, "The output could not be written."},
  };
  return rows;
}

}  // namespace cli
