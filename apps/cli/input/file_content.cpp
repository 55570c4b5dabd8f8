#include "cli/input/file_content.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "cli/input/payload_limit.h"
#include "files/descriptor.h"
#include "files/read_to_end.h"

namespace cli {

namespace {

std::string system_error() {
  return std::strerror(errno);
}

}  // namespace

tl::expected<std::string, std::string> read_file(const std::string& path, FileKind kind) {
  const files::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return tl::unexpected(fmt::format("cannot read \"{}\": {}", path, system_error()));
  }
  const bool is_regular = S_ISREG(status.st_mode);
  const auto refuse = [&path](std::string_view reason) {
    return tl::unexpected(fmt::format("cannot read \"{}\": {}", path, reason));
  };
  if (S_ISDIR(status.st_mode)) return refuse("it is a folder");
  if (kind == FileKind::regular && !is_regular) return refuse("not a file");
  auto content = read_whole(file.get());
  if (!content) return refuse(content.error());
  if (kind == FileKind::filled_pipe && !is_regular && content->empty()) {
    return refuse("nothing came from it (-n publishes an empty message)");
  }
  return content;
}

tl::expected<std::string, std::string> read_whole(int descriptor) {
  auto content = files::read_to_end(descriptor, max_payload_bytes);
  if (content) return std::move(*content);
  if (content.error() != EFBIG) return tl::unexpected(std::string(std::strerror(content.error())));
  return tl::unexpected(
      fmt::format("more than {} bytes do not fit into a message", max_payload_bytes));
}

}  // namespace cli
