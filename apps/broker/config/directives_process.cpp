#include <array>
#include <cstdint>
#include <string>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

Outcome set_workers(const Directive& self, ConfigDraft& draft, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto number = bounded_integer(token, self.bounds);
  if (!number && token != "auto") return refused(token);
  draft.config.workers = static_cast<std::uint16_t>(number.value_or(0));
  return {};
}

constexpr Directive workers_row() {
  Directive row = value<&Config::workers>("workers", global, Type::integer, restart);
  row.bounds = {1, 1024, false};
  row.accepts = "a whole number from 1 to 1024, or auto";
  row.set = set_workers;
  row.text = [](const Directive&, const Settings& settings) {
    return settings.config.workers == 0 ? std::string("auto") : text_of(settings.config.workers);
  };
  return row;
}

constexpr Directive include_dir_row() {
  Directive row = special("include_dir", global, Type::directory, applied, nullptr);
  row.repetition = Repetition::accumulates;
  return row;
}

/// Threads, $SYS, the process and the file itself.
constexpr auto table = std::to_array<Directive>({
    workers_row(),
    choice<Placement::fill, &Config::placement>("placement", global, "fill spread", applied),
    integer<&Config::sys_interval_s>("sys_interval", global, short_natural, applied),
    accepting(path_accepts,
              string<65535, &Config::pid_file>("pid_file", global, Repetition::refused, restart)),
    accepting("the name of a user",
              string<65535, &Config::user>("user", global, Repetition::last_wins, restart)),
    include_dir_row(),
    not_yet("enable_control_api", global, Type::boolean),
});

}  // namespace

std::span<const Directive> subject::process() {
  return table;
}

}  // namespace broker
