#include "cli/input/file_content.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "cli/input/payload_limit.h"

namespace cli {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::string system_error() {
  return std::strerror(errno);
}

}  // namespace

tl::expected<std::string, std::string> read_file(const std::string& path, FileKind kind) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    return tl::unexpected(fmt::format("cannot read \"{}\": {}", path, system_error()));
  }
  const bool is_regular = S_ISREG(status.st_mode);
  const auto refuse = [&path](std::string_view reason) {
    return tl::unexpected(fmt::format("cannot read \"{}\": {}", path, reason));
  };
  if (S_ISDIR(status.st_mode)) return refuse("it is a folder");
  if (kind == FileKind::regular && !is_regular) return refuse("not a file");
  auto content = read_whole(file.number());
  if (!content) return refuse(content.error());
  if (kind == FileKind::filled_pipe && !is_regular && content->empty()) {
    return refuse("nothing came from it (-n publishes an empty message)");
  }
  return content;
}

tl::expected<std::string, std::string> read_whole(int descriptor) {
  std::string content;
  std::array<char, 64 * 1024> buffer{};
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count == 0) return content;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(system_error());
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > max_payload_bytes) {
      return tl::unexpected(
          fmt::format("more than {} bytes do not fit into a message", max_payload_bytes));
    }
  }
}

}  // namespace cli
