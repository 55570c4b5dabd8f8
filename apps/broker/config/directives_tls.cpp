#include <array>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

template <auto Member>
constexpr Directive tls_text(std::string_view name, Scope scope, std::string_view accepts) {
  return accepting(accepts, string<65535, &ListenerConfig::tls, Member>(
                                name, scope, Repetition::last_wins, new_connections));
}

template <auto Member>
constexpr Directive tls_switch(std::string_view name, Scope scope) {
  return boolean<&ListenerConfig::tls, Member>(name, scope, new_connections);
}

/// tlsv1.1 still works where it did, but nobody should go on with it.
Outcome set_tls_version(const Directive& self, ConfigDraft& draft, std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  const auto index = choice_index("tlsv1.1 tlsv1.2 tlsv1.3", word);
  if (!index) return refused(word);
  draft.listener().tls.oldest = static_cast<OldestTls>(*index);
  if (*index == 0) {
    draft.notes.push_back({LogType::warning, fmt::format("{} tlsv1.1 is not safe.", self.name)});
  }
  return {};
}

constexpr Directive tls_version_row() {
  Directive row = choice<OldestTls::tlsv1_1, &ListenerConfig::tls, &TlsConfig::oldest>(
      "tls_version", listener, "tlsv1.1 tlsv1.2 tlsv1.3", new_connections);
  row.accepts = "tlsv1.2 or tlsv1.3: the oldest version to take";
  row.repetition = Repetition::refused;
  row.set = set_tls_version;
  return row;
}

/// Keys are files of PEM whatever is written, unless it asks for an engine.
Outcome set_tls_keyform(const Directive& self, ConfigDraft& draft, std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  if (word.empty()) return refused(word);
  if (word == "engine") return not_supported_yet(word);
  if (word != "pem") {
    draft.notes.push_back({LogType::warning, fmt::format("{} {} means pem.", self.name, word)});
  }
  return {};
}

constexpr Directive tls_keyform_row() {
  Directive row =
      special("tls_keyform", listener_or_default, Type::choice, restart, set_tls_keyform);
  row.choices = "pem";
  row.accepts = "pem (engine is not supported yet)";
  row.text = [](const Directive&, const Settings&) { return std::string("pem"); };
  return row;
}

/// Encryption, and client certificates and pre-shared keys.
constexpr auto table = std::to_array<Directive>({
    tls_text<&TlsConfig::certificate_file>("certfile", listener_or_default, path_accepts),
    tls_text<&TlsConfig::key_file>("keyfile", listener_or_default, path_accepts),
    tls_text<&TlsConfig::ca_file>("cafile", listener, path_accepts),
    tls_text<&TlsConfig::ca_directory>("capath", listener_or_default, path_accepts),
    tls_text<&TlsConfig::revoked_file>("crlfile", listener_or_default, path_accepts),
    tls_switch<&TlsConfig::require_certificate>("require_certificate", listener_or_default),
    tls_switch<&TlsConfig::ignore_dates>("disable_client_cert_date_checks", listener),
    tls_version_row(),
    tls_text<&TlsConfig::ciphers>("ciphers", listener_or_default, "a list as OpenSSL takes it"),
    tls_text<&TlsConfig::ciphersuites>("ciphers_tls1.3", listener_or_default,
                                       "a list as OpenSSL takes it"),
    accepting("text", string<65535, &ListenerConfig::tls, &TlsConfig::psk_hint>(
                          "psk_hint", listener_or_default, Repetition::refused, new_connections)),
    row::security(
        accepting(path_accepts, string<65535, &Config::psk_file>(
                                    "psk_file", global, Repetition::last_wins, new_connections)),
        string<65535, &ListenerConfig::psk_file>("psk_file", listener, Repetition::last_wins,
                                                 new_connections)),
    tls_switch<&TlsConfig::identity_is_user_name>("use_identity_as_username", listener_or_default),
    tls_switch<&TlsConfig::subject_is_user_name>("use_subject_as_username", listener_or_default),
    tls_keyform_row(),
    without_effect("tls_engine", listener_or_default, Type::string),
    without_effect("tls_engine_kpass_sha1", listener_or_default, Type::string),
    without_effect("dhparamfile", listener_or_default, Type::string),
});

}  // namespace

std::span<const Directive> subject::tls() {
  return table;
}

}  // namespace broker
