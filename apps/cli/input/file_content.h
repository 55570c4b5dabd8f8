#pragma once

#include <string>

#include <tl/expected.hpp>

namespace cli {

/// What a file may be that is read whole. A folder never is.
enum class FileKind {
  regular,
  any,  ///< also a pipe or a device, such as /dev/fd/3
  /// As `any`, but a pipe or a device must not be empty: who writes into it may have failed.
  filled_pipe,
};

/// All of the file at `path`, at most `max_payload_bytes`. The error names the file and the reason.
tl::expected<std::string, std::string> read_file(const std::string& path, FileKind kind);

/// All of `descriptor` up to its end, at most `max_payload_bytes`.
tl::expected<std::string, std::string> read_whole(int descriptor);

}  // namespace cli
