#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace CLI {
class App;
class Option;
}  // namespace CLI

/// How the tools bind their options structs to CLI11: every option runs its setter where it stands,
/// so that the command line is read strictly from left to right and the later word wins.
namespace cli {

/// Success, or what is wrong with a value: "found this, accepted is that".
using Verdict = tl::expected<void, std::string>;

using ValueSetter = std::function<Verdict(const std::string& value)>;

/// An option with one value. `names` as in CLI11 ("-p,--port"), `value_name` for the help.
CLI::Option* add_value(CLI::App& app, const std::string& names, const std::string& value_name,
                       const std::string& description, ValueSetter set);

/// The same for an option that only stores its word.
CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& value_name,
                      const std::string& description, std::string& target);

/// An option without a value.
CLI::Option* add_switch(CLI::App& app, const std::string& names, const std::string& description,
                        std::function<Verdict()> set);
CLI::Option* add_switch(CLI::App& app, const std::string& names, const std::string& description,
                        bool& target);

/// Registers, invisibly, an option that other tools of this kind know and this one does not have,
/// so that it is refused by name instead of being unknown.
void add_unsupported(CLI::App& app, const std::string& names, bool takes_value);

/// A whole decimal number within the bounds, or what was expected instead.
tl::expected<std::int64_t, std::string> parse_integer(std::string_view text, std::int64_t least,
                                                      std::int64_t most);
/// A decimal number within the bounds, fraction allowed, or what was expected instead.
tl::expected<double, std::string> parse_decimal(std::string_view text, double least, double most);
/// A decimal number, fraction allowed, not negative and finite.
tl::expected<double, std::string> parse_seconds(std::string_view text);

/// A setter for a whole number that fits `Target` (or an optional of it).
template <typename Number, typename Target>
ValueSetter number_setter(Target& target, Number least, Number most) {
  return [&target, least, most](const std::string& value) -> Verdict {
    return parse_integer(value, static_cast<std::int64_t>(least), static_cast<std::int64_t>(most))
        .map([&target](std::int64_t number) { target = static_cast<Number>(number); });
  };
}

}  // namespace cli
