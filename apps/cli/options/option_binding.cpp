#include "cli/options/option_binding.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <limits>
#include <utility>

namespace cli {

namespace {

/// "-p/--port": as messages name it. (CLI11 has no name for invisible options.)
std::string name_of(const CLI::Option& option) {
  std::string name;
  for (const std::string& letter : option.get_snames()) name += "/-" + letter;
  for (const std::string& word : option.get_lnames()) name += "/--" + word;
  return name.substr(1);
}

void require(const CLI::Option& option, const Verdict& verdict) {
  if (!verdict) throw CLI::ValidationError(name_of(option), verdict.error());
}

}  // namespace

CLI::Option* add_value(CLI::App& app, const std::string& names, const std::string& value_name,
                       const std::string& description, ValueSetter set) {
  // The callback needs the option for its messages, and the option is made with the callback.
  auto self = std::make_shared<CLI::Option*>(nullptr);
  CLI::Option* option = app.add_option(
      names,
      [self, set = std::move(set)](const CLI::results_t& results) {
        require(**self, set(results.back()));
        return true;
      },
      description);
  *self = option;
  return option->type_name(value_name)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->trigger_on_parse();
}

CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& value_name,
                      const std::string& description, std::string& target) {
  return add_value(app, names, value_name, description, [&target](const std::string& value) {
    target = value;
    return Verdict();
  });
}

CLI::Option* add_switch(CLI::App& app, const std::string& names, const std::string& description,
                        std::function<Verdict()> set) {
  auto self = std::make_shared<CLI::Option*>(nullptr);
  CLI::Option* option = app.add_flag_function(
      names, [self, set = std::move(set)](std::int64_t) { require(**self, set()); }, description);
  *self = option;
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)->trigger_on_parse();
}

CLI::Option* add_switch(CLI::App& app, const std::string& names, const std::string& description,
                        bool& target) {
  return add_switch(app, names, description, [&target] {
    target = true;
    return Verdict();
  });
}

void add_unsupported(CLI::App& app, const std::string& names, bool takes_value) {
  const std::string invisible_group;
  const auto refuse = [] { return Verdict(tl::unexpect, "not supported"); };
  CLI::Option* option =
      takes_value ? add_value(app, names, "", "", [refuse](const std::string&) { return refuse(); })
                  : add_switch(app, names, "", refuse);
  option->group(invisible_group);
}

tl::expected<std::int64_t, std::string> parse_integer(std::string_view text, std::int64_t least,
                                                      std::int64_t most) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || number < least || number > most) {
    return tl::unexpected(
        fmt::format("\"{}\" is not a whole number from {} to {}", text, least, most));
  }
  return number;
}

tl::expected<double, std::string> parse_decimal(std::string_view text, double least, double most) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  // In this form the comparison refuses what is not a number, too.
  const bool fits = number >= least && number <= most;
  if (error != std::errc() || rest != end || !fits) {
    return tl::unexpected(fmt::format("\"{}\" is not a number from {} to {}", text, least, most));
  }
  return number;
}

tl::expected<double, std::string> parse_seconds(std::string_view text) {
  constexpr double most = std::numeric_limits<double>::max();
  return parse_decimal(text, 0, most).map_error([text](const std::string&) {
    return fmt::format("\"{}\" is not a number of seconds, such as 0.5", text);
  });
}

}  // namespace cli
