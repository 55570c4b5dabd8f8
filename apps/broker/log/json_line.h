#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "log/log_fields.h"
#include "log/log_settings.h"

namespace broker {

/// Appends a line of the log as one JSON object, without a newline: `time`, `level`, `type`, the
/// non-empty `fields`, and `text`. It is valid JSON whatever bytes the texts contain: control
/// characters are escaped, and invalid UTF-8 becomes U+FFFD. Fields are truncated at
/// `max_field_bytes`.
void append_json_line(std::string& line, std::int64_t time_ms, LogType type,
                      const LogFields& fields, std::string_view text);

constexpr std::size_t max_field_bytes = 256;

}  // namespace broker
