#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "config/directive.h"
#include "config/directive_value.h"

/// What the tables are written with: a row for a plain value names the members that lead to it from
/// Config or from ListenerConfig, and gets its setter, its text and its copy from their type.
namespace broker::row {

constexpr std::int32_t integer_max = std::numeric_limits<std::int32_t>::max();
constexpr Bounds natural{0, integer_max, true};
constexpr Bounds short_natural{0, 65535, false};

constexpr std::string_view path_accepts = "a path";
constexpr std::string_view auto_id_prefix_accepts = "text of 1 to 50 bytes of UTF-8";

inline tl::unexpected<Refusal> refused(std::string_view found, std::string_view accepted = {}) {
  const auto fault = found.empty() ? ConfigFault::value_missing : ConfigFault::value_refused;
  return tl::make_unexpected(Refusal{fault, std::string(found), std::string(accepted)});
}

inline tl::unexpected<Refusal> not_supported_yet(std::string_view found) {
  return tl::make_unexpected(Refusal{ConfigFault::not_supported_yet, std::string(found), {}});
}

template <auto First, auto... Rest, typename Object>
auto& follow(Object& object) {
  if constexpr (sizeof...(Rest) == 0) {
    return object.*First;
  } else {
    return follow<Rest...>(object.*First);
  }
}

template <typename Class, typename Value>
Class class_of(Value Class::*);

/// The value at the end of `First, Rest...`: the members that lead to it from the object of a
/// section, which is found in a ConfigDraft, Settings or MutableSettings.
template <auto First, auto... Rest>
struct Path {
  using Object = decltype(class_of(First));

  template <typename Source>
  static auto& in(Source& source) {
    return follow<First, Rest...>(source.template of<Object>());
  }

  using Value = std::remove_reference_t<decltype(in(std::declval<ConfigDraft&>()))>;
};

inline std::string text_of(bool value) {
  return value ? "true" : "false";
}
inline std::string text_of(std::uint8_t value) {
  return fmt::format("{}", value);
}
inline std::string text_of(std::uint16_t value) {
  return fmt::format("{}", value);
}
inline std::string text_of(std::uint32_t value) {
  return fmt::format("{}", value);
}
inline std::string text_of(std::uint64_t value) {
  return fmt::format("{}", value);
}
inline std::string text_of(mqtt::QoS value) {
  return fmt::format("{}", static_cast<unsigned>(value));
}
inline std::string text_of(const std::string& value) {
  return value.empty() ? "unset" : value;
}
template <typename Value>
std::string text_of(const std::optional<Value>& value) {
  return value ? text_of(*value) : "unset";
}

inline std::string text_of(const std::vector<std::string>& values) {
  if (values.empty()) return "unset";
  return fmt::format("{}", fmt::join(values, " "));
}

/// A supported row that holds the value at `Members...`; its text and its setter are left to add.
template <auto... Members>
constexpr Directive held(std::string_view name, Scope scope, ValueType type, ReloadEffect reload) {
  Directive row;
  row.name = name;
  row.scope = scope;
  row.type = type;
  row.support = Support::supported;
  row.reload = reload;
  row.copy = [](const MutableSettings& to, const Settings& from) {
    Path<Members...>::in(to) = Path<Members...>::in(from);
  };
  return row;
}

/// The same with the text that the type of the value has; its setter is left to add.
template <auto... Members>
constexpr Directive value(std::string_view name, Scope scope, ValueType type, ReloadEffect reload) {
  Directive row = held<Members...>(name, scope, type, reload);
  row.text = [](const Directive&, const Settings& settings) {
    return text_of(Path<Members...>::in(settings));
  };
  return row;
}

template <auto... Members>
constexpr Directive boolean(std::string_view name, Scope scope, ReloadEffect reload) {
  Directive row = value<Members...>(name, scope, ValueType::boolean, reload);
  row.set = [](const Directive&, ConfigDraft& draft, std::string_view rest) -> Outcome {
    const std::string_view token = next_token(rest).text;
    const auto parsed = parse_boolean(token);
    if (!parsed) return refused(token);
    Path<Members...>::in(draft) = *parsed;
    return {};
  };
  return row;
}

/// The number in `rest` as `bounds` allows it.
inline std::optional<std::int32_t> bounded_integer(std::string_view token, const Bounds& bounds) {
  const auto parsed = parse_integer(token);
  if (!parsed || *parsed > bounds.most) return std::nullopt;
  if (*parsed >= bounds.least) return parsed;
  return bounds.negative_is_zero ? std::optional<std::int32_t>(0) : std::nullopt;
}

template <auto... Members>
constexpr Directive integer(std::string_view name, Scope scope, Bounds bounds,
                            ReloadEffect reload) {
  Directive row = value<Members...>(name, scope, ValueType::integer, reload);
  row.bounds = bounds;
  row.set = [](const Directive& self, ConfigDraft& draft, std::string_view rest) -> Outcome {
    const std::string_view token = next_token(rest).text;
    const auto parsed = bounded_integer(token, self.bounds);
    if (!parsed) return refused(token);
    using Value = typename Path<Members...>::Value;
    Path<Members...>::in(draft) = static_cast<Value>(*parsed);
    return {};
  };
  return row;
}

/// `longest` in bytes.
template <std::size_t longest, auto... Members>
constexpr Directive string(std::string_view name, Scope scope, Repetition repetition,
                           ReloadEffect reload) {
  Directive row = value<Members...>(name, scope, ValueType::string, reload);
  row.repetition = repetition;
  row.set = [](const Directive&, ConfigDraft& draft, std::string_view rest) -> Outcome {
    const auto parsed = parse_string(rest);
    if (!parsed || parsed->size() > longest) return refused(trim(rest));
    Path<Members...>::in(draft) = std::string(*parsed);
    return {};
  };
  return row;
}

/// The position of `word` among the words of `choices`, which single spaces separate.
inline std::optional<unsigned> choice_index(std::string_view choices, std::string_view word) {
  unsigned index = 0;
  for (Token token = next_token(choices); !token.text.empty(); token = next_token(token.rest)) {
    if (token.text == word) return index;
    ++index;
  }
  return std::nullopt;
}

inline std::string choice_at(std::string_view choices, unsigned index) {
  Token token = next_token(choices);
  for (; index > 0; --index) token = next_token(token.rest);
  return std::string(token.text);
}

/// The words of `choices` name the enumerators from `first` on; one below it means "unset".
template <auto first, auto... Members>
constexpr Directive choice(std::string_view name, Scope scope, std::string_view choices,
                           ReloadEffect reload) {
  Directive row = held<Members...>(name, scope, ValueType::choice, reload);
  row.choices = choices;
  row.set = [](const Directive& self, ConfigDraft& draft, std::string_view rest) -> Outcome {
    const std::string_view word = next_token(rest).text;
    const auto index = choice_index(self.choices, word);
    if (!index) return refused(word);
    Path<Members...>::in(draft) =
        static_cast<decltype(first)>(static_cast<unsigned>(first) + *index);
    return {};
  };
  row.text = [](const Directive& self, const Settings& settings) {
    const auto current = Path<Members...>::in(settings);
    if (current < first) return std::string("unset");
    return choice_at(self.choices, static_cast<unsigned>(current) - static_cast<unsigned>(first));
  };
  return row;
}

/// A row that does not hold one plain value: its setter says what it does.
constexpr Directive special(std::string_view name, Scope scope, ValueType type, ReloadEffect reload,
                            Directive::Setter set) {
  Directive row;
  row.name = name;
  row.scope = scope;
  row.type = type;
  row.support = Support::supported;
  row.reload = reload;
  row.set = set;
  return row;
}

constexpr Directive not_yet(std::string_view name, Scope scope, ValueType type) {
  Directive row;
  row.name = name;
  row.scope = scope;
  row.type = type;
  return row;
}

/// With what to write instead.
constexpr Directive not_yet(std::string_view name, Scope scope, ValueType type,
                            std::string_view hint) {
  Directive row = not_yet(name, scope, type);
  row.hint = hint;
  return row;
}

/// A row whose lines each begin a section.
constexpr Directive opening(Section section, Directive row) {
  row.opens = section;
  row.repetition = Repetition::accumulates;
  return row;
}

constexpr Directive without_effect(std::string_view name, Scope scope, ValueType type) {
  Directive row = not_yet(name, scope, type);
  row.support = Support::without_effect;
  return row;
}

/// A key of scope `security`: `of_broker`, or with per_listener_settings `of_listener`.
constexpr Directive security(Directive of_broker, const Directive& of_listener) {
  of_broker.scope = Scope::security;
  of_broker.of_listener = {of_listener.set, of_listener.text, of_listener.copy};
  return of_broker;
}

/// A listener's key for a value that `security` rows set as well.
constexpr Directive rule_of_listener(Directive row) {
  row.of_listener = {row.set, row.text, row.copy};
  return row;
}

constexpr Directive deprecated(Directive row) {
  row.deprecated = true;
  return row;
}

/// `row` under another spelling.
constexpr Directive alias(std::string_view name, Directive row) {
  row.spelling_of = row.name;
  row.name = name;
  return row;
}

constexpr Directive accepting(std::string_view accepts, Directive row) {
  row.accepts = accepts;
  return row;
}

}  // namespace broker::row
