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

  std::vector<std::string> config_files;  ///< in their order; later ones add to earlier ones
  std::vector<std::uint16_t> ports;       ///< used in local-only mode alone
  bool verbose = false;                   ///< log every type, whatever the configuration says
  bool quiet = false;                     ///< log nothing once the log is set up; beats verbose
  bool daemon = false;
  bool test_config = false;
  std::string tls_key_log_file;  ///< takes the secrets of TLS connections; empty: none
};

/// The program's work is done, or cannot begin: what to print and what to return.
struct ExitRequest {
  ExitCode code = ExitCode::success;
  std::string text;        ///< whole lines; for standard output on success, else for standard error
  std::string warnings{};  ///< whole lines for standard error, to be printed first

  bool succeeded() const { return code == ExitCode::success; }
};

/// Reads the command line. `--help` and `--version` end in an ExitRequest of success, anything
/// that is not understood in one with ExitCode::configuration.
tl::expected<Options, ExitRequest> parse_options(int argc, const char* const* argv);

/// The configuration that `options` ask for, with what they override and with
/// MOSQUITTO_UNSAFE_ALLOW_SYMLINKS of the environment taken in; as far as it can be read.
ConfigReading read_configuration(const Options& options);
/// The same, if there is no error in it. Also what a reload reads.
ConfigResult load_config(const Options& options);

/// What `--help` prints.
std::string help_text();

}  // namespace broker
