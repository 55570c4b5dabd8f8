#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/config_file.h"
#include "process/exit_code.h"

namespace broker {

/// The command line.
struct Options {
  static constexpr std::size_t max_ports = 10;

  std::vector<std::string> config_files;  ///< in order; later ones add to earlier ones
  std::vector<std::uint16_t> ports;       ///< used only in local-only mode
  bool verbose = false;                   ///< log every type, regardless of the configuration
  bool quiet = false;                     ///< log nothing once the log is set up; overrides verbose
  bool daemon = false;
  bool test_config = false;
  std::string tls_key_log_file;  ///< for the secrets of TLS connections; empty: none
};

/// The program exits before starting: what to print and return.
struct ExitRequest {
  ExitCode code = ExitCode::success;
  std::string text;        ///< whole lines; for standard output on success, else for standard error
  std::string warnings{};  ///< whole lines for standard error, to be printed first

  bool succeeded() const { return code == ExitCode::success; }
};

/// Parses the command line. `--help` and `--version` yield an ExitRequest with success, errors one
/// with ExitCode::configuration.
tl::expected<Options, ExitRequest> parse_options(int argc, const char* const* argv);

/// The configuration of `options`, including their overrides and MOSQUITTO_UNSAFE_ALLOW_SYMLINKS
/// from the environment, as far as it can be read.
ConfigReading read_configuration(const Options& options);
/// The same, if it has no errors. Also used by a reload.
ConfigResult load_config(const Options& options);

/// The text of `--help`.
std::string help_text();

}  // namespace broker
