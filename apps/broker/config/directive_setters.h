#pragma once

#include <string>
#include <string_view>

#include "config/directive.h"

/// The setters, texts and copies of the keys whose value is not simply a member of a struct.
namespace broker::row {

using Outcome = tl::expected<void, Refusal>;

Outcome set_listener(const Directive& self, ConfigDraft& draft, std::string_view rest);
Outcome set_port(const Directive& self, ConfigDraft& draft, std::string_view rest);
Outcome set_bind_address(const Directive& self, ConfigDraft& draft, std::string_view rest);
Outcome set_protocol(const Directive& self, ConfigDraft& draft, std::string_view rest);
Outcome set_accept_protocol_versions(const Directive& self, ConfigDraft& draft,
                                     std::string_view rest);
std::string accept_protocol_versions_text(const Directive& self, const Config&,
                                          const ListenerConfig& listener);
Outcome set_websockets_origin(const Directive& self, ConfigDraft& draft, std::string_view rest);
Outcome set_tls_version(const Directive& self, ConfigDraft& draft, std::string_view rest);

/// For a boolean of which only one value is supported: the one that is in force anyway.
Outcome set_only_false(const Directive& self, ConfigDraft& draft, std::string_view rest);

/// Topics begin with it, so it holds no wildcard.
Outcome set_mount_point(const Directive& self, ConfigDraft& draft, std::string_view rest);

/// Once true it stays so; true comes too late behind a key whose place it decides.
Outcome set_per_listener_settings(const Directive& self, ConfigDraft& draft, std::string_view rest);

/// Keys are files of PEM whatever is written, unless it asks for an engine.
Outcome set_tls_keyform(const Directive& self, ConfigDraft& draft, std::string_view rest);

Outcome set_workers(const Directive& self, ConfigDraft& draft, std::string_view rest);

/// 65535 is the window that MQTT 5.0 has when nothing is said, so it means no limit as 0 does.
Outcome set_max_inflight_messages(const Directive& self, ConfigDraft& draft, std::string_view rest);

Outcome set_memory_limit(const Directive& self, ConfigDraft& draft, std::string_view rest);
Outcome set_retain_expiry_interval(const Directive& self, ConfigDraft& draft,
                                   std::string_view rest);
Outcome set_persistent_client_expiration(const Directive& self, ConfigDraft& draft,
                                         std::string_view rest);

Outcome set_log_dest(const Directive& self, ConfigDraft& draft, std::string_view rest);
std::string log_dest_text(const Directive& self, const Config& config, const ListenerConfig&);
void copy_log_dest(Config& to, ListenerConfig&, const Config& from, const ListenerConfig&);

Outcome set_log_type(const Directive& self, ConfigDraft& draft, std::string_view rest);
std::string log_type_text(const Directive& self, const Config& config, const ListenerConfig&);
void copy_log_type(Config& to, ListenerConfig&, const Config& from, const ListenerConfig&);

}  // namespace broker::row
