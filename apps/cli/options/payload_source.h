#pragma once

#include <string>

#include <tl/expected.hpp>

#include "cli/options/option_binding.h"

namespace cli {

/// Where the payload of a message comes from: exactly one of -m, -f, -n, -s, and for a publisher
/// -l.
struct PayloadSource {
  enum class Kind { none, message, file, null, whole_stdin, stdin_lines };
  Kind kind = Kind::none;
  std::string text;  ///< the message, or the file's path
};

/// `lines`: whether this tool has -l.
void bind_payload_options(CLI::App& app, PayloadSource& source, bool lines);

/// The payload, read where it must be read; not for `stdin_lines` and `none`.
tl::expected<std::string, std::string> load_payload(const PayloadSource& source);

}  // namespace cli
