#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "log/log_fields.h"
#include "log/log_settings.h"

namespace broker {

/// Appends a line of the log as one JSON object, without a newline: `time`, `level`, `type`, those
/// of `fields` that are there, and `text`. It is valid JSON whatever bytes the texts hold: control
/// characters are escaped, and what is not UTF-8 becomes U+FFFD. Of each field `max_field_bytes`
/// are taken.
void append_json_line(std::string& line, std::int64_t time_ms, LogType type,
                      const LogFields& fields, std::string_view text);

constexpr std::size_t max_field_bytes = 256;

}  // namespace broker
