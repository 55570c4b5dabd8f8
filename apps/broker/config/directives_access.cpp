#include <array>
#include <string_view>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

/// Once true it stays so; true comes too late after a key whose scope it decides.
Outcome set_per_listener_settings(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto parsed = parse_boolean(token);
  if (!parsed) return refused(token);
  bool& setting = draft.config.per_listener_settings;
  if (*parsed && !setting && draft.security_key_seen) {
    return refused(token, "true only before allow_anonymous, password_file and the like");
  }
  setting = setting || *parsed;
  return {};
}

constexpr Directive per_listener_settings_row() {
  Directive row = boolean<&Config::per_listener_settings>("per_listener_settings", global, restart);
  row.set = set_per_listener_settings;
  row.accepts = "true, false, 1 or 0, before allow_anonymous and the like";
  return row;
}

Outcome set_persistent_client_expiration(const Directive&, ConfigDraft& draft,
                                         std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto lifetime_s = parse_lifetime_s(token);
  if (!lifetime_s) return refused(token);
  draft.config.sessions.persistent_client_expiration_s = *lifetime_s;
  return {};
}

constexpr Directive persistent_client_expiration_row() {
  Directive row = value<&Config::sessions, &SessionConfig::persistent_client_expiration_s>(
      "persistent_client_expiration", global, Type::lifetime, applied);
  row.set = set_persistent_client_expiration;
  row.text = [](const Directive&, const Settings& settings) {
    const auto& lifetime_s = settings.config.sessions.persistent_client_expiration_s;
    return lifetime_s ? fmt::format("{}s", *lifetime_s) : std::string("unset");
  };
  return row;
}

/// A file that is read again by every reload.
template <auto Path>
constexpr Directive file(std::string_view name) {
  return accepting(path_accepts, string<65535, Path>(name, global, Repetition::last_wins, applied));
}

/// Which clients may connect, and what they are called and may do.
constexpr auto table = std::to_array<Directive>({
    deprecated(per_listener_settings_row()),
    row::security(boolean<&Config::allow_anonymous>("allow_anonymous", global, applied),
                  boolean<&ListenerConfig::allow_anonymous>("allow_anonymous", listener, applied)),
    row::security(file<&Config::password_file>("password_file"),
                  file<&ListenerConfig::password_file>("password_file")),
    row::security(file<&Config::acl_file>("acl_file"), file<&ListenerConfig::acl_file>("acl_file")),
    row::security(boolean<&Config::sessions, &SessionConfig::allow_zero_length_clientid>(
                      "allow_zero_length_clientid", global, applied),
                  boolean<&ListenerConfig::allow_zero_length_clientid>("allow_zero_length_clientid",
                                                                       listener, applied)),
    deprecated(
        row::security(accepting(auto_id_prefix_accepts,
                                string<50, &Config::sessions, &SessionConfig::auto_id_prefix>(
                                    "auto_id_prefix", global, Repetition::refused, applied)),
                      string<50, &ListenerConfig::auto_id_prefix>("auto_id_prefix", listener,
                                                                  Repetition::refused, applied))),
    deprecated(string<65535, &Config::clientid_prefix>("clientid_prefixes", global,
                                                       Repetition::last_wins, applied)),
    boolean<&ListenerConfig::use_username_as_clientid>("use_username_as_clientid",
                                                       listener_or_default, applied),
    persistent_client_expiration_row(),
});

}  // namespace

std::span<const Directive> subject::access() {
  return table;
}

}  // namespace broker
