#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "log/log_settings.h"

namespace broker {

/// A place in a configuration file. Lines count from 1; 0 means the file as a whole.
struct SourceLine {
  std::string file;
  unsigned line = 0;

  friend bool operator==(const SourceLine&, const SourceLine&) = default;
};

enum class ConfigFault : std::uint8_t {
  unknown_key,
  not_supported_yet,
  value_missing,
  value_refused,
  duplicate,
  no_listener,   ///< a listener's key before any listener
  incomplete,    ///< keys of a listener that need or exclude each other, said in `accepted`
  not_readable,  ///< a file or directory
  nested_include,
  too_many_errors  ///< the reader gave up; there may be more
};

/// One thing wrong with the configuration: where, what was found, what would be accepted. Texts
/// that come from a file are printable and cut to a readable length.
struct ConfigError {
  ConfigFault fault = ConfigFault::unknown_key;
  SourceLine where;
  std::optional<SourceLine> included_from;  ///< the include_dir line that led to `where`
  std::string key;
  std::string found;     ///< the refused value; for not_readable the path
  std::string accepted;  ///< what the key takes; for not_readable the reason
  std::string nearest;   ///< the known key most like an unknown one; may be empty
  std::string hint;      ///< a usual cause of this error; may be empty
};

/// `FILE:LINE: what is wrong`, one line without a newline.
std::string to_text(const ConfigError& error);

/// Something to tell the operator about a configuration that is in order.
struct ConfigNote {
  LogType type = LogType::information;
  std::string text;
};

}  // namespace broker
