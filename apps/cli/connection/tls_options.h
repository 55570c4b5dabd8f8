#pragma once

#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "cli/options/option_binding.h"
#include "mqtt/io/tls_context.h"

namespace cli {

/// What the tools ask about TLS.
struct TlsOptions {
  std::string ca_file;
  std::string ca_directory;
  bool system_trust = false;
  std::string certificate_file;
  std::string key_file;
  bool key_form_given = false;
  bool insecure = false;  ///< any name in the server's certificate will do
  std::optional<mqtt::io::TlsVersion> version;
  std::string ciphers;
  std::string alpn;
  std::string key_log_file;
  std::optional<std::string> psk;  ///< hexadecimal
  std::string psk_identity;
  bool off = false;

  /// Whether an option names whom to trust: then TLS is wanted, and 8883 is the default port.
  bool names_trust() const { return !ca_file.empty() || !ca_directory.empty() || psk.has_value(); }
};

void bind_tls_options(CLI::App& app, TlsOptions& options);

/// What only the whole command line shows. `is_tls`: the connection will use TLS.
Verdict check(const TlsOptions& options, bool is_tls);

/// Loads what the options name.
tl::expected<std::shared_ptr<const mqtt::io::TlsContext>, std::string> make_tls_context(
    const TlsOptions& options);

}  // namespace cli
