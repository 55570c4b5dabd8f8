#include "config/directive_setters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "config/directive_row.h"
#include "config/directive_value.h"

namespace broker::row {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view token) {
  const auto number = parse_integer(token);
  if (!number || *number < 1 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// What the system's socket address has room for, less the closing NUL.
constexpr std::size_t longest_socket_path = 107;

/// A word that begins with # ends the line of this key.
std::string_view host_of(std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  return word.starts_with('#') ? std::string_view() : word;
}

/// The first log_dest line takes the place of the default, `none` that of all before it.
void begin_log_destinations(ConfigDraft& draft, bool clear) {
  if (draft.log_dest_seen && !clear) return;
  draft.log_dest_seen = true;
  draft.config.log.to_stdout = false;
  draft.config.log.to_stderr = false;
  draft.config.log.to_syslog = false;
  draft.config.log.to_topic = false;
  draft.config.log.file.clear();
}

Outcome set_log_file(ConfigDraft& draft, std::string_view rest) {
  const auto path = parse_string(rest);
  if (!path) return refused(trim(rest), "the path of the log file");
  if (!draft.config.log.file.empty()) {
    return tl::make_unexpected(Refusal{ConfigFault::duplicate, {}, {}});
  }
  begin_log_destinations(draft, false);
  draft.config.log.file = std::string(*path);
  return {};
}

}  // namespace

Outcome set_listener(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const Token port_token = next_token(rest);
  const std::string_view host = host_of(port_token.rest);
  const bool is_unix = parse_integer(port_token.text) == 0 && !host.empty();
  const auto port = is_unix ? std::optional<std::uint16_t>(0) : parse_port(port_token.text);
  if (!port) return refused(port_token.text);
  if (!host.empty() && !parse_string(host)) return refused(host);
  if (is_unix && host.size() > longest_socket_path) {
    return refused(host, fmt::format("a path of at most {} bytes", longest_socket_path));
  }
  draft.current_listener = draft.config.listeners.size();
  draft.listener_chosen = true;
  ListenerConfig& listener = draft.config.listeners.emplace_back();
  listener.port = *port;
  (is_unix ? listener.unix_path : listener.host) = std::string(host);
  return {};
}

Outcome set_port(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto port = parse_port(token);
  if (!port) return refused(token);
  draft.select_default_listener();
  draft.listener_chosen = true;
  draft.listener().port = *port;
  return {};
}

Outcome set_bind_address(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const auto host = parse_string(rest);
  if (!host) return refused(trim(rest));
  draft.select_default_listener();
  draft.listener_chosen = true;
  draft.listener().host = std::string(*host);
  return {};
}

Outcome set_only_false(const Directive&, ConfigDraft&, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto parsed = parse_boolean(token);
  if (!parsed) return refused(token, "false (true is not supported yet)");
  if (*parsed) return not_supported_yet("true");
  return {};
}

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

Outcome set_mount_point(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const auto prefix = parse_string(rest);
  if (!prefix || prefix->find_first_of("+#") != std::string_view::npos) return refused(trim(rest));
  draft.listener().mount_point = std::string(*prefix);
  return {};
}

Outcome set_protocol(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  if (word == "http_api") return not_supported_yet(word);
  if (word != "mqtt" && word != "websockets") return refused(word);
  draft.listener().protocol =
      word == "mqtt" ? ListenerProtocol::mqtt : ListenerProtocol::websockets;
  return {};
}

Outcome set_accept_protocol_versions(const Directive&, ConfigDraft& draft, std::string_view rest) {
  constexpr std::string_view separators = ", \t";
  AcceptedVersions accepted{false, false, false};
  std::string_view left = rest;
  while (left.find_first_not_of(separators) != std::string_view::npos) {
    left.remove_prefix(left.find_first_not_of(separators));
    const std::string_view word = left.substr(0, left.find_first_of(separators));
    left.remove_prefix(word.size());
    if (word != "3" && word != "4" && word != "5") return refused(word);
    if (word == "3") accepted.v31 = true;
    if (word == "4") accepted.v311 = true;
    if (word == "5") accepted.v5 = true;
  }
  if (accepted == AcceptedVersions{false, false, false}) return refused({});
  draft.listener().accepted_versions = accepted;
  return {};
}

std::string accept_protocol_versions_text(const Directive&, const Config&,
                                          const ListenerConfig& listener) {
  std::string text;
  if (listener.accepted_versions.v31) text += " 3";
  if (listener.accepted_versions.v311) text += " 4";
  if (listener.accepted_versions.v5) text += " 5";
  return text.substr(1);
}

Outcome set_websockets_origin(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const auto origin = parse_string(rest);
  if (!origin) return refused(trim(rest));
  draft.listener().websockets_origins.emplace_back(*origin);
  return {};
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

Outcome set_tls_keyform(const Directive& self, ConfigDraft& draft, std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  if (word.empty()) return refused(word);
  if (word == "engine") return not_supported_yet(word);
  if (word != "pem") {
    draft.notes.push_back({LogType::warning, fmt::format("{} {} means pem.", self.name, word)});
  }
  return {};
}

Outcome set_workers(const Directive& self, ConfigDraft& draft, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto number = bounded_integer(token, self.bounds);
  if (!number && token != "auto") return refused(token);
  draft.config.workers = static_cast<std::uint16_t>(number.value_or(0));
  return {};
}

Outcome set_max_inflight_messages(const Directive& self, ConfigDraft& draft,
                                  std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto number = bounded_integer(token, self.bounds);
  if (!number) return refused(token);
  draft.config.limits.max_inflight_messages =
      static_cast<std::uint16_t>(*number == 65535 ? 0 : *number);
  return {};
}

/// The one number of the file that may be larger than 32 bits. Decimal only.
Outcome set_memory_limit(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  std::int64_t bytes = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), bytes);
  if (error != std::errc() || end != token.data() + token.size() || bytes < 0)
    return refused(token);
  draft.config.memory_limit_bytes = static_cast<std::uint64_t>(bytes);
  return {};
}

Outcome set_retain_expiry_interval(const Directive& self, ConfigDraft& draft,
                                   std::string_view rest) {
  constexpr std::int32_t longest_min = 10'000'000;
  const std::string_view token = next_token(rest).text;
  const auto minutes = bounded_integer(token, self.bounds);
  if (!minutes) return refused(token);
  if (*minutes > longest_min) {
    draft.notes.push_back(
        {LogType::warning, fmt::format("{} is cut to {} minutes.", self.name, longest_min)});
  }
  draft.config.delivery.retain_expiry_interval_s =
      static_cast<std::uint32_t>(std::min(*minutes, longest_min)) * 60U;
  return {};
}

Outcome set_persistent_client_expiration(const Directive&, ConfigDraft& draft,
                                         std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto lifetime_s = parse_lifetime_s(token);
  if (!lifetime_s) return refused(token);
  draft.config.sessions.persistent_client_expiration_s = *lifetime_s;
  return {};
}

Outcome set_log_dest(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const Token word = next_token(rest);
  LogSettings& log = draft.config.log;
  if (word.text == "file") return set_log_file(draft, word.rest);
  if (word.text == "dlt") return not_supported_yet(word.text);
  const bool clear = word.text == "none";
  if (!choice_index("none stdout stderr syslog topic", word.text)) return refused(word.text);
  begin_log_destinations(draft, clear);
  if (word.text == "syslog") log.to_syslog = true;
  if (word.text == "topic") log.to_topic = true;
  if (word.text == "stdout") log.to_stdout = true;
  if (word.text == "stderr") log.to_stderr = true;
  return {};
}

std::string log_dest_text(const Directive&, const Config& config, const ListenerConfig&) {
  std::string text;
  if (config.log.to_stdout) text += " stdout";
  if (config.log.to_stderr) text += " stderr";
  if (config.log.to_syslog) text += " syslog";
  if (config.log.to_topic) text += " topic";
  if (!config.log.file.empty()) text += " file " + config.log.file;
  return text.empty() ? "none" : text.substr(1);
}

void copy_log_dest(Config& to, ListenerConfig&, const Config& from, const ListenerConfig&) {
  to.log.to_stdout = from.log.to_stdout;
  to.log.to_stderr = from.log.to_stderr;
  to.log.to_syslog = from.log.to_syslog;
  to.log.to_topic = from.log.to_topic;
  to.log.file = from.log.file;
}

Outcome set_log_type(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  const auto named = std::ranges::find(log_type_names, word);
  const bool is_name = named != log_type_names.end();
  if (!is_name && word != "none" && word != "all") return refused(word);
  LogTypes& types = draft.config.log.types;
  if (!draft.log_type_seen || word == "none") types = LogTypes::none();
  draft.log_type_seen = true;
  if (word == "all") types = LogTypes::all();
  if (is_name) types.insert(static_cast<LogType>(named - log_type_names.begin()));
  return {};
}

std::string log_type_text(const Directive&, const Config& config, const ListenerConfig&) {
  std::string text;
  for (std::size_t index = 0; index < log_type_names.size(); ++index) {
    if (!config.log.types.contains(static_cast<LogType>(index))) continue;
    if (!text.empty()) text += ' ';
    text += log_type_names[index];
  }
  return text.empty() ? "none" : text;
}

void copy_log_type(Config& to, ListenerConfig&, const Config& from, const ListenerConfig&) {
  to.log.types = from.log.types;
}

}  // namespace broker::row
