#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace cli {

/// When output is made for a terminal.
enum class When : std::uint8_t { automatic, always, never };

/// The choice that is called `name` on the command line: auto, always or never.
tl::expected<When, std::string> when(const std::string& name);

/// Whether what goes to `descriptor` is to be safe for a terminal: by default where it is one.
bool is_safe_output(When choice, int descriptor);
/// Whether what goes to `descriptor` has colours: by default where it is a terminal that can show
/// them, and nobody has asked for none (NO_COLOR in the environment, of any value but the empty
/// one).
bool is_coloured_output(When choice, int descriptor);

/// Sequences that begin a colour, and the one that ends each.
namespace colour {
inline constexpr std::string_view topic = "\x1B[36m";
inline constexpr std::string_view key = "\x1B[34m";
inline constexpr std::string_view error = "\x1B[31m";
inline constexpr std::string_view warning = "\x1B[33m";
inline constexpr std::string_view end = "\x1B[0m";
}  // namespace colour

/// Colours the names of members in the JSON text that stands in `text` from `begin` on.
void colour_json_keys(std::string& text, std::size_t begin);

/// Lines for standard error: those that begin with "Error:" or "Warning:" get that word in its
/// colour.
std::string coloured_complaint(std::string_view lines);

}  // namespace cli
