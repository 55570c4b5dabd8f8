#include "access/files/guarded_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "files/descriptor.h"
#include "files/read_to_end.h"

namespace broker {
namespace {

constexpr std::size_t max_file_bytes = std::size_t{1} << 30U;

tl::unexpected<FileRefusal> failure(const std::string& path, int error) {
  return tl::unexpected(explain_refusal(path, error, FileUse::read));
}

std::vector<std::string> warnings_about(const std::string& path, const struct stat& status) {
  std::vector<std::string> warnings;
  if ((status.st_mode & static_cast<mode_t>(S_IRWXO)) != 0) {
    warnings.push_back(
        fmt::format("{} is open to everyone (mode {:04o}); \"chmod o-rwx\" closes it.", path,
                    status.st_mode & 07777U));
  }
  // Root's own file, readable by the broker's group, is the safest there is: the broker cannot
  // change it.
  if (status.st_uid != ::getuid() && status.st_uid != 0) {
    warnings.push_back(fmt::format("{} belongs to another user than the broker's.", path));
  }
  const bool group_may = (status.st_mode & static_cast<mode_t>(S_IRWXG)) != 0;
  if (group_may && status.st_gid != ::getgid() && status.st_gid != 0) {
    warnings.push_back(fmt::format("{} belongs to another group than the broker's.", path));
  }
  return warnings;
}

}  // namespace

tl::expected<GuardedFile, FileRefusal> read_guarded_file(const std::string& path,
                                                         bool follow_symlinks) {
  // Without O_NONBLOCK a named pipe would hold the broker up for ever.
  const int flags =
      O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follow_symlinks ? 0 : O_NOFOLLOW);
  const files::Descriptor file(::open(path.c_str(), flags));
  if (file.get() < 0) {
    if (errno == ELOOP && !follow_symlinks) return tl::unexpected(symlink_refusal());
    return failure(path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure(path, errno);
  if (!S_ISREG(status.st_mode)) return tl::unexpected(FileRefusal{"it is not a regular file", {}});

  auto text = files::read_to_end(file.get(), max_file_bytes);
  if (!text) return failure(path, text.error());
  return GuardedFile{std::move(*text), warnings_about(path, status)};
}

}  // namespace broker
