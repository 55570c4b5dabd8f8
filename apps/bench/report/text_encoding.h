#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace bench {

/// The text with U+FFFD in place of every byte that is not part of valid UTF-8: command lines and
/// names of processes may contain anything.
std::string valid_utf8(std::string_view text);

/// The same, with control characters replaced as well, so that it is safe to print.
std::string printable(std::string_view text);

/// How many columns a terminal needs for it, if every character takes one.
std::size_t column_count(std::string_view utf8);

/// "2026-03-01T12:00:00.250Z".
std::string utc_text(std::chrono::system_clock::time_point moment);

}  // namespace bench
