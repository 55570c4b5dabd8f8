#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "config/config_draft.h"
#include "config/config_error.h"
#include "config/section.h"
#include "config/settings.h"

namespace broker {

/// The section that a directive belongs to, and what happens if that is not open.
enum class Scope : std::uint8_t {
  global,
  security,             ///< global; with per_listener_settings of the listener
  listener,             ///< refused without an open listener
  listener_or_default,  ///< without one, opens the default listener: port 1883, all addresses
  named_listener,       ///< refused without an open listener
  bridge,               ///< refused without an open bridge
  plugin                ///< refused without an open plugin
};

enum class ValueType : std::uint8_t {
  boolean,
  integer,
  string,    ///< the rest of the line
  choice,    ///< one of `choices`
  list,      ///< several words
  lifetime,  ///< a number and a unit, see parse_lifetime_s
  endpoint,  ///< a port and a host
  directory  ///< whose files are read in place of the line
};

enum class Support : std::uint8_t {
  supported,
  without_effect,  ///< taken with a warning: it means nothing any more
  not_yet          ///< known, and refused by name
};

/// What becomes of a changed value when the running broker reads its configuration again.
enum class ReloadEffect : std::uint8_t {
  applied,
  new_connections,  ///< applied to clients that connect afterwards
  reopens,          ///< the listener is closed and opened anew: its clients are sent away
  restart           ///< kept as it was until the next start
};

/// What a second line with the same key, in the same scope, means.
enum class Repetition : std::uint8_t { last_wins, refused, accumulates };

struct Bounds {
  std::int32_t least = std::numeric_limits<std::int32_t>::min();
  std::int32_t most = std::numeric_limits<std::int32_t>::max();
  bool negative_is_zero = false;  ///< below `least`, which is 0 then, nothing is refused
};

/// Why a setter did not take a value. `accepted` may be empty: then the row's own text holds.
struct Refusal {
  ConfigFault fault = ConfigFault::value_refused;
  std::string found;
  std::string accepted;
};

using Outcome = tl::expected<void, Refusal>;

/// One key of the configuration file: a row of the table that feeds the parser, the documentation
/// and the reload.
struct Directive {
  using Setter = Outcome (*)(const Directive& row, ConfigDraft& draft, std::string_view rest);
  using Text = std::string (*)(const Directive& row, const Settings& settings);
  using Copy = void (*)(const MutableSettings& to, const Settings& from);

  std::string_view name;  ///< one that ends in `_` means every key that begins with it
  Scope scope = Scope::global;
  ValueType type = ValueType::string;
  Support support = Support::not_yet;
  ReloadEffect reload = ReloadEffect::restart;
  Repetition repetition = Repetition::last_wins;
  bool deprecated = false;
  Bounds bounds{};                  ///< of an integer
  std::string_view choices{};       ///< of a choice, separated by spaces
  std::string_view accepts{};       ///< in words, where type, bounds and choices do not say it all
  std::string_view spelling_of{};   ///< the key that this is another name of
  std::string_view hint{};          ///< where it is not supported yet: what to write instead
  Section opens = Section::global;  ///< the kind of section that each such line begins, if not this

  Setter set = nullptr;  ///< null only where support is not `supported`, and for a directory
  Text text = nullptr;   ///< the value in force as it would be written; null where there is none
  Copy copy = nullptr;   ///< null where there is no `text`, and where only one value is possible

  /// In scope `security`, with per_listener_settings: the same of the current listener's value. A
  /// key of a listener that is another way to such a value has its own here.
  struct OfListener {
    Setter set = nullptr;
    Text text = nullptr;
    Copy copy = nullptr;
  };
  OfListener of_listener{};
};

constexpr Section section_of(Scope scope) {
  switch (scope) {
    case Scope::global:
    case Scope::security:
      return Section::global;
    case Scope::listener:
    case Scope::listener_or_default:
    case Scope::named_listener:
      return Section::listener;
    case Scope::bridge:
      return Section::bridge;
    case Scope::plugin:
      return Section::plugin;
  }
  return Section::global;
}

/// The section that the row belongs to under a configuration with or without per_listener_settings.
constexpr Section section_of(const Directive& row, bool per_listener_settings) {
  const bool of_listener = row.scope == Scope::security && per_listener_settings;
  return of_listener ? Section::listener : section_of(row.scope);
}

/// What values the directive takes, in words: "a whole number from 0 to 65535".
std::string accepted_values(const Directive& directive);

/// The value that was most likely meant by `found`, which the directive does not take; may be
/// empty.
std::string_view nearest_value(const Directive& directive, std::string_view found);

/// Whether the directive reads one word and ignores what follows.
bool takes_one_word(const Directive& directive);

/// The value in force when the key is not written; empty for a key that holds no value.
std::string default_text(const Directive& directive);

std::string_view to_text(ValueType type);
std::string_view to_text(ReloadEffect effect);

}  // namespace broker
