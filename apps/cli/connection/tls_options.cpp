#include "cli/connection/tls_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/options/hex.h"
#include "mqtt/io/tls_key_log.h"

namespace cli {

namespace {

using mqtt::io::TlsContext;
using mqtt::io::TlsVersion;

Verdict set_version(TlsOptions& options, const std::string& value) {
  if (value == "tlsv1.2") {
    options.version = TlsVersion::tls_1_2;
  } else if (value == "tlsv1.3") {
    options.version = TlsVersion::tls_1_3;
  } else {
    return tl::unexpected(fmt::format("\"{}\" is not a TLS version: tlsv1.2 or tlsv1.3", value));
  }
  return {};
}

Verdict set_key_form(TlsOptions& options, const std::string& value) {
  if (value == "engine") {
    return tl::unexpected(
        std::string("keys in engines are not supported; name a PEM file with --key"));
  }
  if (value != "pem") return tl::unexpected(fmt::format("\"{}\" is not pem", value));
  options.key_form_given = true;
  return {};
}

Verdict set_psk(TlsOptions& options, const std::string& value) {
  if (!bytes_from_hex(value)) {
    return tl::unexpected(std::string("the key is not a row of hexadecimal digits"));
  }
  options.psk = value;
  return {};
}

void set_versions_and_ciphers(const TlsOptions& options, TlsContext::Options& context) {
  if (options.version) {
    context.min_version = *options.version;
    context.max_version = *options.version;
  }
  if (options.version == TlsVersion::tls_1_3) {
    context.ciphersuites = options.ciphers;
  } else {
    context.ciphers = options.ciphers;
  }
}

void set_psk(const TlsOptions& options, TlsContext::Options& context) {
  // Before TLS 1.3 a pre-shared key has cipher suites of its own.
  context.min_version = TlsVersion::tls_1_2;
  context.max_version = TlsVersion::tls_1_2;
  context.verify_peer = false;  // the key is the proof
  if (context.ciphers.empty()) context.ciphers = "PSK";
  context.psk_of_client = [identity = options.psk_identity,
                           key = *bytes_from_hex(*options.psk)](std::string_view) {
    return mqtt::io::TlsPsk{identity, key};
  };
}

}  // namespace

void bind_tls_options(CLI::App& app, TlsOptions& options) {
  app.option_defaults()->group("TLS");
  add_text(app, "--cafile", "FILE", "Use TLS and trust the authorities in this PEM file",
           options.ca_file);
  add_text(app, "--capath", "FOLDER", "Use TLS and trust the authorities in this folder",
           options.ca_directory);
  add_switch(app, "--tls-use-os-certs", "Use TLS and trust the authorities of this system",
             options.system_trust);
  add_text(app, "--cert", "FILE", "The client's own certificate (PEM)", options.certificate_file);
  add_text(app, "--key", "FILE", "The key of the client's certificate (PEM)", options.key_file);
  add_value(app, "--keyform", "FORM", "Format of the key: pem",
            [&options](const std::string& value) { return set_key_form(options, value); });
  add_switch(app, "--insecure", "Accept any host name in the broker's certificate",
             options.insecure);
  add_value(app, "--tls-version", "VERSION", "Only tlsv1.2 or only tlsv1.3",
            [&options](const std::string& value) { return set_version(options, value); });
  add_text(app, "--ciphers", "LIST", "Cipher suites in OpenSSL notation", options.ciphers);
  add_text(app, "--tls-alpn", "PROTOCOL", "The application protocol to request (ALPN)",
           options.alpn);
  add_text(app, "--tls-keylog", "FILE", "Append the keys of the connection for network analysers",
           options.key_log_file);
  add_value(app, "--psk", "HEX", "Use TLS with this pre-shared key",
            [&options](const std::string& value) { return set_psk(options, value); });
  add_text(app, "--psk-identity", "NAME", "The name of the pre-shared key", options.psk_identity);
  add_unsupported(app, "--tls-engine", true);
  add_unsupported(app, "--tls-engine-kpass-sha1", true);
  add_switch(app, "--no-tls", "No TLS, regardless of other options", options.off);
}

Verdict check(const TlsOptions& options, bool is_tls) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return tl::unexpected(std::string("--cert and --key need each other"));
  }
  if (options.key_form_given && options.key_file.empty()) {
    return tl::unexpected(std::string("--keyform needs --key"));
  }
  if (options.psk && (!options.ca_file.empty() || !options.ca_directory.empty())) {
    return tl::unexpected(std::string("--psk cannot be combined with --cafile and --capath"));
  }
  if (options.psk && options.psk_identity.empty()) {
    return tl::unexpected(std::string("--psk needs --psk-identity"));
  }
  const bool has_details = !options.certificate_file.empty() || options.insecure ||
                           options.version || !options.ciphers.empty() || !options.alpn.empty() ||
                           !options.key_log_file.empty() || !options.psk_identity.empty();
  if (has_details && !is_tls && !options.off) {
    return tl::unexpected(
        std::string("TLS options need one of --cafile, --capath, --tls-use-os-certs, --psk, "
                    "-p 8883 or an mqtts URL"));
  }
  return {};
}

tl::expected<std::shared_ptr<const TlsContext>, std::string> make_tls_context(
    const TlsOptions& options) {
  // OpenSSL looks into the folder when it needs it, and finds nothing in one that is not there.
  if (!options.ca_directory.empty() && !std::filesystem::is_directory(options.ca_directory)) {
    return tl::unexpected(fmt::format("\"{}\" is not a folder", options.ca_directory));
  }
  TlsContext::Options context;
  context.verify_peer = true;
  context.ca.file = options.ca_file;
  context.ca_directory = options.ca_directory;
  // -p 8883 and mqtts URLs name nobody to trust: that is the system's business then.
  context.system_trust = options.system_trust || !options.names_trust();
  context.certificate_chain.file = options.certificate_file;
  context.private_key.file = options.key_file;
  if (!options.alpn.empty()) context.alpn = {options.alpn};
  if (!options.key_log_file.empty()) {
    const auto log = mqtt::io::TlsKeyLog::open(options.key_log_file);
    if (!log) {
      return tl::unexpected(
          fmt::format("cannot write \"{}\": {}", options.key_log_file, log.error()));
    }
    context.key_log = [log = *log](std::string_view line) { log->write(line); };
  }
  set_versions_and_ciphers(options, context);
  if (options.psk) set_psk(options, context);
  return TlsContext::make(std::move(context)).map_error(&mqtt::io::TlsError::text);
}

}  // namespace cli
