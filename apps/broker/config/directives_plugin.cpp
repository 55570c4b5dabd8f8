#include <array>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

constexpr Directive plugin_row() {
  return opening(Section::plugin, not_yet("plugin", security, Type::string));
}

/// Plugins and their options.
constexpr auto table = std::to_array<Directive>({
    plugin_row(),
    alias("auth_plugin", plugin_row()),
    not_yet("auth_plugin_deny_special_chars", plugin, Type::boolean),
    opening(Section::plugin, not_yet("global_plugin", global, Type::string)),
    opening(Section::plugin, not_yet("plugin_load", global, Type::list)),
    not_yet("plugin_opt_", plugin, Type::string),
    alias("auth_opt_", not_yet("plugin_opt_", plugin, Type::string)),
    opening(Section::plugin, not_yet("plugin_use", named_listener, Type::string)),
});

}  // namespace

std::span<const Directive> subject::plugins() {
  return table;
}

}  // namespace broker
