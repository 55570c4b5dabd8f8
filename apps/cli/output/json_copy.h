#pragma once

#include <string_view>

#include "cli/output/json_writer.h"

namespace cli {

/// Whether the whole of `text` is one JSON value.
bool is_json(std::string_view text);

/// Writes the JSON value in `text` again, in the style of `writer`: keys in their order, repeated
/// ones too; numbers as `JsonWriter::number` prints them. False if `text` is not JSON; what was
/// written by then is the caller's to take back.
bool copy_json(std::string_view text, JsonWriter& writer);

}  // namespace cli
