#pragma once

#include <cstddef>
#include <string>

#include <tl/expected.hpp>

namespace bench {

/// Writes the whole file, and replaces an existing one only when complete. "-" is stdout. The
/// error names the file and the reason.
tl::expected<void, std::string> write_file(const std::string& path, const std::string& text);

/// The whole file, up to `most` bytes.
tl::expected<std::string, std::string> read_file(const std::string& path,
                                                 std::size_t most = std::size_t{64} << 20);

bool exists(const std::string& path);

/// "cannot write "x.json": No space left on device", from errno.
std::string cannot(const char* verb, const std::string& path);

}  // namespace bench
