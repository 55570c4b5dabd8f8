#include "config/config_error.h"

#include <fmt/format.h>

#include <utility>

namespace broker {
namespace {

std::string describe(const ConfigError& error) {
  switch (error.fault) {
    case ConfigFault::unknown_key:
      return error.nearest.empty() ? fmt::format("unknown key \"{}\"", error.key)
                                   : fmt::format("unknown key \"{}\"; did you mean \"{}\"?",
                                                 error.key, error.nearest);
    case ConfigFault::not_supported_yet:
      return error.found.empty()
                 ? fmt::format("{} is not supported yet", error.key)
                 : fmt::format("{} {} is not supported yet", error.key, error.found);
    case ConfigFault::value_missing:
      return fmt::format("{} needs a value: {}", error.key, error.accepted);
    case ConfigFault::value_refused:
      return fmt::format(
          "{} does not take \"{}\": expected {}{}", error.key, error.found, error.accepted,
          error.nearest.empty() ? std::string()
                                : fmt::format("; did you mean \"{}\"?", error.nearest));
    case ConfigFault::duplicate:
      return fmt::format("{} is given twice", error.key);
    case ConfigFault::section_not_open:
      return fmt::format("{} belongs to a {}, but no {} line comes before it", error.key,
                         info(error.section).name, info(error.section).opened_by);
    case ConfigFault::incomplete:
      return fmt::format("{} {}", error.key, error.accepted);
    case ConfigFault::not_readable:
      return fmt::format("cannot read {}: {}", error.found, error.accepted);
    case ConfigFault::not_usable:
      return error.found.empty() ? fmt::format("{}: {}", error.key, error.accepted)
                                 : fmt::format("{} {}: {}", error.key, error.found, error.accepted);
    case ConfigFault::in_named_file:
      return error.accepted;
    case ConfigFault::nested_include:
      return fmt::format("{} may only stand in the main file", error.key);
    case ConfigFault::too_many_errors:
      return "too many errors; the rest was not read";
  }
  return {};
}

}  // namespace

ConfigError not_usable(std::string_view key, std::optional<SourceLine> where, std::string value,
                       std::string reason, std::string hint) {
  ConfigError error;
  error.fault = ConfigFault::not_usable;
  error.where = std::move(where).value_or(SourceLine{});
  error.key = key;
  error.found = std::move(value);
  error.accepted = std::move(reason);
  error.hint = std::move(hint);
  return error;
}

std::string to_text(const ConfigError& error) {
  const bool has_place = !error.where.file.empty();  // a default, or the command line, has none
  std::string text =
      has_place ? fmt::format("{}: {}", to_text(error.where), describe(error)) : describe(error);
  if (!error.hint.empty()) text += fmt::format(" ({})", error.hint);
  if (error.named_at) text += fmt::format(" ({} at {})", error.key, to_text(*error.named_at));
  if (error.included_from)
    text += fmt::format(" (included from {})", to_text(*error.included_from));
  return text;
}

std::string to_text(const std::vector<ConfigError>& errors) {
  std::string text;
  for (const ConfigError& error : errors) text += to_text(error) + "\n";
  return text;
}

}  // namespace broker
