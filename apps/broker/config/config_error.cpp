#include "config/config_error.h"

#include <fmt/format.h>

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
      return fmt::format("{} does not take \"{}\": expected {}", error.key, error.found,
                         error.accepted);
    case ConfigFault::duplicate:
      return fmt::format("{} is given twice", error.key);
    case ConfigFault::no_listener:
      return fmt::format("{} belongs to a listener, but no listener line comes before it",
                         error.key);
    case ConfigFault::incomplete:
      return fmt::format("{} {}", error.key, error.accepted);
    case ConfigFault::not_readable:
      return fmt::format("cannot read {}: {}", error.found, error.accepted);
    case ConfigFault::nested_include:
      return fmt::format("{} may only stand in the main file", error.key);
    case ConfigFault::too_many_errors:
      return "too many errors; the rest was not read";
  }
  return {};
}

std::string place(const SourceLine& where) {
  return where.line == 0 ? where.file : fmt::format("{}:{}", where.file, where.line);
}

}  // namespace

std::string to_text(const ConfigError& error) {
  std::string text = fmt::format("{}: {}", place(error.where), describe(error));
  if (!error.hint.empty()) text += fmt::format(" ({})", error.hint);
  if (error.included_from) text += fmt::format(" (included from {})", place(*error.included_from));
  return text;
}

}  // namespace broker
