#include "config/config_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/directive_value.h"
#include "config/listener_check.h"
#include "config/shown_text.h"

namespace broker {
namespace {

constexpr std::uint16_t default_port = 1883;
constexpr const char* listener_key = "listener";

std::string hint_for_unknown(std::string_view key) {
  if (key.starts_with("\xEF\xBB\xBF")) return "the file begins with a byte order mark; remove it";
  if (key.starts_with('#')) return "the # of a comment must be the first character of its line";
  if (key.find('\t') != std::string_view::npos) return "only spaces separate; this key holds a TAB";
  return {};
}

/// The main spelling of the directive.
std::string_view canonical_name(const Directive& directive) {
  return directive.spelling_of.empty() ? directive.name : directive.spelling_of;
}

}  // namespace

void ConfigParser::read(const std::string& path) {
  auto bytes = source_.read(path);
  if (bytes) return parse(path, *bytes);
  where_ = {path, 0};
  refuse_unreadable("", path, bytes.error());
}

void ConfigParser::parse(const std::string& name, std::string_view bytes) {
  where_ = {name, 0};
  draft_.open = {};
  parse_lines(bytes);
}

void ConfigParser::parse_lines(std::string_view bytes) {
  while (!bytes.empty() && !gave_up()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    ++where_.line;
    parse_line(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

void ConfigParser::parse_line(std::string_view line) {
  constexpr std::string_view nothing_begins_with("#\r\0", 3);
  if (line.empty() || nothing_begins_with.find(line.front()) != std::string_view::npos) return;
  line = line.substr(0, line.find('\0'));
  line = line.substr(0, line.find_last_not_of('\r') + 1);
  const Token key = next_token(line);
  if (key.text.empty()) return;
  const Directive* directive = find_directive(key.text, table_);
  if (directive == nullptr) return refuse_unknown(key.text);
  apply(*directive, key.text, key.rest);
}

void ConfigParser::apply(const Directive& directive, std::string_view key, std::string_view rest) {
  if (directive.support == Support::not_yet) {
    return refuse(directive, key, {ConfigFault::not_supported_yet, {}, {}});
  }
  if (directive.support == Support::without_effect) {
    draft_.notes.push_back({LogType::warning, fmt::format("{}:{}: {} has no effect.", where_.file,
                                                          where_.line, directive.name)});
    return;
  }
  if (directive.type == ValueType::directory) return include(key, rest);
  if (!enter_section(directive, key)) return begin_unusable(directive.opens);
  if (is_repeated(directive)) return refuse(directive, key, {ConfigFault::duplicate, {}, {}});
  if (directive.scope == Scope::security) draft_.security_key_seen = true;
  const bool of_listener = section_of_line(directive) == Section::listener;
  const auto set = of_listener && directive.of_listener.set != nullptr ? directive.of_listener.set
                                                                       : directive.set;
  const std::size_t notes_before = draft_.notes.size();
  const auto outcome = set(directive, draft_, rest);
  place_notes(notes_before);
  if (!outcome) {
    begin_unusable(directive.opens);
    mark_new_listeners();
    return refuse(directive, key, outcome.error());
  }
  mark_new_listeners();
  warn_of_more_words(directive, key, rest);
  remember(directive, key);
}

/// The keys that follow an opening line with an error belong to that section, not to the previous
/// one. Nothing is done where `section` is the global one, which no line begins.
void ConfigParser::begin_unusable(Section section) {
  if (section == Section::global) return;
  draft_.begin(section);
  if (section != Section::listener) return;
  draft_.listener_chosen = true;
  draft_.listener().gone = true;
}

/// A line has made at most one: the last.
void ConfigParser::mark_new_listeners() {
  if (draft_.config.listeners.empty()) return;
  Origins& written = draft_.config.listeners.back().written;
  if (!written.find(listener_key)) written.note(listener_key, where_);
}

/// What a setter has noted is about the line at hand.
void ConfigParser::place_notes(std::size_t from) {
  for (std::size_t i = from; i < draft_.notes.size(); ++i) {
    std::string& text = draft_.notes[i].text;
    text = fmt::format("{}: {}", to_text(where_), text);
  }
}

void ConfigParser::warn_of_more_words(const Directive& directive, std::string_view key,
                                      std::string_view rest) {
  if (!takes_one_word(directive)) return;
  const std::string_view more = trim(next_token(rest).rest);
  if (more.empty() || more.starts_with('#')) return;
  draft_.notes.push_back(
      {LogType::warning, fmt::format("{}: {} takes one value; \"{}\" after it is ignored.",
                                     to_text(where_), key, shown(more))});
}

/// Whether the section of the line is open; opens the default listener where the key asks for it.
bool ConfigParser::enter_section(const Directive& directive, std::string_view key) {
  const Section section = section_of_line(directive);
  if (draft_.open.has(section)) return true;
  if (directive.scope != Scope::listener_or_default) {
    refuse_without_section(section, key);
    return false;
  }
  if (draft_.select_default_listener()) {
    draft_.notes.push_back(
        {LogType::information,
         fmt::format("{}:{}: {} without a listener line before it means the default listener, "
                     "port {}.",
                     where_.file, where_.line, key, default_port)});
  }
  return true;
}

Section ConfigParser::section_of_line(const Directive& directive) const {
  return section_of(directive, draft_.config.per_listener_settings);
}

ConfigParser::Occurrence ConfigParser::occurrence(const Directive& directive) const {
  const Section section = section_of_line(directive);
  return {canonical_name(directive), section, draft_.open.number(section)};
}

bool ConfigParser::is_repeated(const Directive& directive) const {
  return directive.repetition == Repetition::refused && written_.contains(occurrence(directive));
}

void ConfigParser::remember(const Directive& directive, std::string_view key) {
  if (directive.repetition == Repetition::refused) written_.insert(occurrence(directive));
  draft_.written(section_of_line(directive)).note(canonical_name(directive), where_);
  if (directive.deprecated && announced_.insert(directive.name).second) {
    draft_.notes.push_back(
        {LogType::notice, fmt::format("{}:{}: {} is deprecated.", where_.file, where_.line, key)});
  }
}

void ConfigParser::include(std::string_view key, std::string_view rest) {
  const Directive& directive = *find_directive(key, table_);
  if (included_from_) return refuse(directive, key, {ConfigFault::nested_include, {}, {}});
  const auto directory = parse_string(rest);
  if (!directory) {
    const std::string_view found = trim(rest);
    const auto fault = found.empty() ? ConfigFault::value_missing : ConfigFault::value_refused;
    return refuse(directive, key, {fault, std::string(found), {}});
  }
  const auto paths = source_.list(std::string(*directory));
  if (!paths) return refuse_unreadable(key, std::string(*directory), paths.error());
  for (const std::string& path : *paths) {
    const auto bytes = source_.read(path);
    if (bytes) {
      parse_included(path, *bytes);
    } else {
      refuse_unreadable(key, path, bytes.error());
    }
  }
}

void ConfigParser::parse_included(const std::string& path, std::string_view bytes) {
  const auto outer_sections = std::exchange(draft_.open, {});
  included_from_ = std::exchange(where_, {path, 0});
  draft_.notes.push_back({LogType::information, fmt::format("Reading {}.", path)});
  parse_lines(bytes);
  where_ = *std::exchange(included_from_, std::nullopt);
  draft_.open = outer_sections;
}

void ConfigParser::check_listeners() {
  for (const ListenerConfig& listener : draft_.config.listeners) {
    if (gave_up()) return;
    for (ConfigError& error : check_listener(draft_.config, listener, draft_.notes)) {
      where_ = error.where;
      fail(std::move(error));
    }
  }
}

ConfigReading ConfigParser::read_out(std::span<const std::uint16_t> local_ports) && {
  check_listeners();
  if (gave_up()) {
    ConfigError last;
    last.fault = ConfigFault::too_many_errors;
    last.where = where_;
    errors_.push_back(std::move(last));
  }
  if (!draft_.listener_chosen) {
    become_local_only(local_ports);
  } else if (!local_ports.empty()) {
    draft_.notes.push_back({LogType::warning,
                            "Ports of the command line are not used: the configuration chooses "
                            "its listeners."});
  }
  return {{std::move(draft_.config), std::move(draft_.notes)}, std::move(errors_)};
}

ConfigResult ConfigReading::result() && {
  if (!errors.empty()) return tl::make_unexpected(std::move(errors));
  return std::move(loaded);
}

void ConfigParser::become_local_only(std::span<const std::uint16_t> ports) {
  if (draft_.default_listener) {
    draft_.notes.push_back({LogType::warning,
                            "Listener settings without a listener are not used in local-only "
                            "mode."});
  }
  constexpr std::array usual{default_port};
  draft_.config.local_only = true;
  draft_.config.listeners.clear();
  for (const std::uint16_t port : ports.empty() ? std::span<const std::uint16_t>(usual) : ports) {
    for (const char* host : {"127.0.0.1", "::1"}) {
      ListenerConfig& listener = draft_.config.listeners.emplace_back();
      listener.port = port;
      listener.host = host;
      listener.gone = !errors_.empty();  // it may be that a line with an error chooses one
    }
  }
  if (!errors_.empty()) return;
  for (const char* text :
       {"No listener is configured: starting in local-only mode.",
        "Only programs on this machine can connect.",
        "To serve others, write a listener line, as in \"listener 1883\", into a configuration "
        "file."}) {
    draft_.notes.push_back({LogType::warning, text});
  }
}

void ConfigParser::refuse(const Directive& directive, std::string_view key,
                          const Refusal& refusal) {
  ConfigError error;
  error.fault = refusal.fault;
  error.key = shown(key);
  error.found = shown(refusal.found);
  error.accepted = refusal.accepted.empty() ? accepted_values(directive) : refusal.accepted;
  if (refusal.fault == ConfigFault::value_refused) {
    error.nearest = nearest_value(directive, refusal.found);
  }
  if (refusal.fault == ConfigFault::not_supported_yet) error.hint = directive.hint;
  fail(std::move(error));
}

void ConfigParser::refuse_without_section(Section section, std::string_view key) {
  ConfigError error;
  error.fault = ConfigFault::section_not_open;
  error.section = section;
  error.key = shown(key);
  fail(std::move(error));
}

void ConfigParser::refuse_unknown(std::string_view key) {
  ConfigError error;
  error.fault = ConfigFault::unknown_key;
  error.key = shown(key);
  error.nearest = nearest_directive(key, table_);
  error.hint = hint_for_unknown(key);
  fail(std::move(error));
}

void ConfigParser::refuse_unreadable(std::string_view key, const std::string& path,
                                     const std::string& reason) {
  ConfigError error;
  error.fault = ConfigFault::not_readable;
  error.key = shown(key);
  error.found = shown(path);
  error.accepted = reason;
  fail(std::move(error));
}

void ConfigParser::fail(ConfigError error) {
  if (gave_up()) return;
  error.where = where_;
  error.included_from = included_from_;
  errors_.push_back(std::move(error));
}

}  // namespace broker
