#include "files/read_to_end.h"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace files {

tl::expected<std::string, int> read_to_end(int descriptor, std::size_t most) {
  std::string bytes;
  std::array<char, 65536> chunk;
  for (;;) {
    const ssize_t count = ::read(descriptor, chunk.data(), chunk.size());
    if (count == 0) return bytes;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(errno);
    if (bytes.size() + static_cast<std::size_t>(count) > most) return tl::unexpected(EFBIG);
    bytes.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace files
