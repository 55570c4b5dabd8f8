#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cli {

/// How many bytes the UTF-8 sequence at the front of `text` (which is not empty) has; 0 if there is
/// none that is well formed.
std::size_t utf8_sequence(std::string_view text);

/// Whether all of `text` is well-formed UTF-8, control characters included.
bool is_utf8(std::string_view text);

/// Appends `text` as one line that no terminal takes for a command: control characters, and bytes
/// that are not UTF-8, appear as `\n`, `\t`, `\r` or `\x1b`, a backslash doubled.
void append_printable(std::string& out, std::string_view text);

/// Makes `text` from `begin` on safe for terminals. Line ends, tabs and readable text are
/// unchanged; control characters become `\x1b` or, beyond ASCII, `\u009b` (so that JSON stays
/// JSON), bytes that are not UTF-8 `\xff`.
void escape_controls(std::string& text, std::size_t begin);

}  // namespace cli
