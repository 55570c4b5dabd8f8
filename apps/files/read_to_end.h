#pragma once

#include <cstddef>
#include <string>

#include <tl/expected.hpp>

namespace files {

/// All bytes from `descriptor` up to its end, at most `most`. The error is an errno; EFBIG: there are
/// more. Blocks if the file does.
tl::expected<std::string, int> read_to_end(int descriptor, std::size_t most);

}  // namespace files
