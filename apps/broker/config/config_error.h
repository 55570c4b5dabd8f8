#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "config/source_line.h"
#include "log/log_settings.h"

namespace broker {

enum class ConfigFault : std::uint8_t {
  unknown_key,
  not_supported_yet,
  value_missing,
  value_refused,
  duplicate,
  section_not_open,  ///< a key of `section` before any line that opens one
  incomplete,        ///< keys of a listener that need or exclude each other, said in `accepted`
  not_readable,      ///< a file or directory
  not_usable,        ///< the value is right, but not what it leads to on this system
  in_named_file,     ///< what is wrong in `where`, a file that `key` names
  nested_include,
  too_many_errors  ///< the reader gave up; there may be more
};

/// One thing wrong with the configuration: where, what was found, what would be accepted. Texts
/// that come from a file are printable and cut to a readable length.
struct ConfigError {
  ConfigFault fault = ConfigFault::unknown_key;
  SourceLine where;
  std::optional<SourceLine> included_from;  ///< the include_dir line that led to `where`
  std::optional<SourceLine> named_at;       ///< for in_named_file: the line of `key`
  Section section = Section::global;        ///< for section_not_open
  std::string key;
  std::string found;     ///< the refused value; for not_readable the path
  std::string accepted;  ///< what the key takes; for not_readable and not_usable the reason
  std::string nearest;   ///< the known key or value most like the one that was found; may be empty
  std::string hint;      ///< a usual cause of this error, or what helps; may be empty
};

/// What a value that is read without an error leads to: `key` was written at `where`, if it was.
ConfigError not_usable(std::string_view key, std::optional<SourceLine> where, std::string value,
                       std::string reason, std::string hint = {});

/// `FILE:LINE: what is wrong`, one line without a newline.
std::string to_text(const ConfigError& error);
/// The same for each, with newlines.
std::string to_text(const std::vector<ConfigError>& errors);

/// Something to tell the operator about a configuration that is in order.
struct ConfigNote {
  LogType type = LogType::information;
  std::string text;
};

}  // namespace broker
