#include "config/listener_check.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace broker {
namespace {

class ListenerCheck {
 public:
  ListenerCheck(const Config& config, const ListenerConfig& listener,
                std::vector<ConfigNote>& notes)
      : config_(config), listener_(listener), notes_(notes) {}

  std::vector<ConfigError> run() && {
    check_tls();
    check_proxy_protocol();
    return std::move(errors_);
  }

 private:
  void check_tls();
  void check_required_certificate();
  void warn_of_unused_tls();
  void check_proxy_protocol();
  void fail_together(const char* key, const char* what);
  void warn_of(const char* key, const char* what);
  SourceLine line_of(std::string_view key) const;

  const Config& config_;
  const ListenerConfig& listener_;
  std::vector<ConfigNote>& notes_;
  std::vector<ConfigError> errors_;
};

/// The line of `key`, which may be followed by its value; otherwise the one that began the listener.
SourceLine ListenerCheck::line_of(std::string_view key) const {
  const auto line = listener_.written.find(key.substr(0, key.find(' ')));
  return line ? *line : listener_.written.find("listener").value_or(SourceLine{});
}

/// An error of several keys, at the line of `key`: the others may not be written at all.
void ListenerCheck::fail_together(const char* key, const char* what) {
  ConfigError error;
  error.where = line_of(key);
  error.fault = ConfigFault::incomplete;
  error.key = key;
  error.accepted = what;
  errors_.push_back(std::move(error));
}

void ListenerCheck::warn_of(const char* key, const char* what) {
  notes_.push_back({LogType::warning, fmt::format("{}: {} {}", to_text(line_of(key)), key, what)});
}

void ListenerCheck::check_tls() {
  const TlsConfig& tls = listener_.tls;
  const bool has_certificate = !tls.certificate_file.empty();
  if (has_certificate && tls.key_file.empty()) {
    fail_together("certfile", "needs a keyfile");
  }
  if (!has_certificate && !tls.key_file.empty()) {
    fail_together("keyfile", "needs a certfile");
  }
  if (has_certificate && tls.psk_hint) {
    fail_together("psk_hint", "and certfile exclude each other on one listener");
  }
  const bool names_authorities = !tls.ca_file.empty() || !tls.ca_directory.empty();
  if (names_authorities && !has_certificate) {
    fail_together(tls.ca_file.empty() ? "capath" : "cafile", "needs a certfile and a keyfile");
  }
  if (tls.require_certificate) check_required_certificate();
  if (tls.psk_hint && config_.psk_file_of(listener_).empty()) {
    warn_of("psk_hint", "without a psk_file lets nobody in.");
  }
  if (!tls.enabled()) warn_of_unused_tls();
}

/// Without TLS no client shows a certificate: the listener would accept all of them, in clear text,
/// although only some were meant to be accepted.
void ListenerCheck::check_required_certificate() {
  const TlsConfig& tls = listener_.tls;
  const bool names_authorities = !tls.ca_file.empty() || !tls.ca_directory.empty();
  if (!tls.certificate_file.empty()) {
    if (!names_authorities) {
      warn_of("require_certificate", "without cafile or capath lets nobody in.");
    }
  } else if (tls.psk_hint) {
    warn_of("require_certificate",
            "has no effect with psk_hint: clients prove that they have a key.");
  } else if (listener_.proxy_protocol != ProxyProtocol::v2) {
    fail_together("require_certificate true",
                  "needs a certfile and a keyfile: without TLS there are no client certificates");
  }
}

void ListenerCheck::warn_of_unused_tls() {
  const TlsConfig& tls = listener_.tls;
  const bool from_proxy = listener_.proxy_protocol == ProxyProtocol::v2;
  if (!from_proxy && (tls.identity_is_user_name || tls.subject_is_user_name)) {
    warn_of(tls.identity_is_user_name ? "use_identity_as_username" : "use_subject_as_username",
            "has no effect without TLS (certfile and keyfile, or psk_hint).");
  }
  for (const char* key :
       {"crlfile", "ciphers", "ciphers_tls1.3", "tls_version", "disable_client_cert_date_checks"}) {
    if (!listener_.written.find(key)) continue;
    warn_of(key, "has no effect without TLS (certfile and keyfile, or psk_hint).");
  }
}

/// In version 2 the TLS connection ends at the proxy, whose header contains no complete subjects.
void ListenerCheck::check_proxy_protocol() {
  const TlsConfig& tls = listener_.tls;
  if (listener_.proxy_protocol != ProxyProtocol::v2) {
    if (listener_.proxy_requires_tls) {
      warn_of("proxy_protocol_v2_require_tls", "has no effect without enable_proxy_protocol 2.");
    }
    return;
  }
  if (!tls.certificate_file.empty() || !tls.key_file.empty()) {
    fail_together("enable_proxy_protocol 2",
                  "and certfile or keyfile exclude each other on one listener");
  }
  if (tls.subject_is_user_name) {
    fail_together("enable_proxy_protocol 2",
                  "and use_subject_as_username exclude each other on one listener");
  }
  if (tls.identity_is_user_name && !tls.enabled() && !tls.require_certificate) {
    warn_of("use_identity_as_username",
            "has no effect with enable_proxy_protocol 2 unless require_certificate is true.");
  }
}

}  // namespace

std::vector<ConfigError> check_listener(const Config& config, const ListenerConfig& listener,
                                        std::vector<ConfigNote>& notes) {
  return ListenerCheck(config, listener, notes).run();
}

}  // namespace broker
