#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace broker {

/// Appends a line of the log as one JSON object, without a newline: `time`, `type` and `text`. It
/// is valid JSON whatever bytes `text` holds: control characters are escaped, and what is not UTF-8
/// becomes U+FFFD.
void append_json_line(std::string& line, std::time_t time, std::string_view type,
                      std::string_view text);

}  // namespace broker
