#include <array>
#include <string>
#include <string_view>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

/// Only the value that is in force anyway is supported.
Outcome set_only_false(const Directive&, ConfigDraft&, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto parsed = parse_boolean(token);
  if (!parsed) return refused(token, "false (true is not supported yet)");
  if (*parsed) return not_supported_yet("true");
  return {};
}

constexpr Directive only_false(std::string_view name) {
  Directive row = special(name, global, Type::boolean, restart, set_only_false);
  row.hint = "write false: sessions and retained messages then last until the broker stops";
  row.accepts = "false (true is not supported yet)";
  row.text = [](const Directive&, const Settings&) { return std::string("false"); };
  return row;
}

constexpr std::string_view remove_it = "remove the line: nothing is stored";

/// What survives the broker. Switching it off is supported, since nothing is stored.
constexpr auto table = std::to_array<Directive>({
    only_false("persistence"),
    alias("retained_persistence", only_false("persistence")),
    not_yet("persistence_file", global, Type::string, remove_it),
    not_yet("persistence_location", global, Type::string, remove_it),
    not_yet("autosave_interval", global, Type::integer, remove_it),
    not_yet("autosave_on_changes", global, Type::boolean, remove_it),
});

}  // namespace

std::span<const Directive> subject::persistence() {
  return table;
}

}  // namespace broker
