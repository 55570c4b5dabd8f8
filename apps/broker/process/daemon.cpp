#include "process/daemon.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "files/descriptor.h"

namespace broker {
namespace {

/// Why the open file is no pid file; nullopt: it may be overwritten.
std::optional<FileRefusal> refuse_content(int file, const struct stat& status) {
  constexpr std::size_t longest = 32;
  if (!S_ISREG(status.st_mode)) return FileRefusal{"it is not a regular file", {}};
  std::array<char, longest + 1> content{};
  const ssize_t size = ::pread(file, content.data(), content.size(), 0);
  if (size < 0) return FileRefusal{std::strerror(errno), {}};
  const std::string_view text(content.data(), static_cast<std::size_t>(size));
  const bool is_number = text.find_first_not_of("0123456789 \t\r\n") == std::string_view::npos;
  if (is_number && text.size() <= longest) return std::nullopt;
  return FileRefusal{"the file holds something other than a process number",
                     "it is not overwritten; remove it if nobody needs it"};
}

tl::unexpected<FileRefusal> refused(const std::string& path, int error, bool follow_symlinks) {
  if (error == ELOOP && !follow_symlinks) return tl::unexpected(symlink_refusal());
  return tl::unexpected(explain_refusal(path, error, FileUse::write));
}

}  // namespace

tl::expected<void, std::string> become_daemon() {
  const pid_t child = ::fork();
  if (child < 0) return tl::unexpected(fmt::format("cannot fork: {}", std::strerror(errno)));
  if (child > 0) ::_exit(0);
  if (::setsid() < 0)
    return tl::unexpected(fmt::format("cannot begin a session: {}", std::strerror(errno)));
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0)
    return tl::unexpected(fmt::format("cannot open /dev/null: {}", std::strerror(errno)));
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, stream);
  if (null > STDERR_FILENO) ::close(null);
  return {};
}

tl::expected<PidFile, FileRefusal> PidFile::write(const std::string& path, bool follow_symlinks) {
  PidFile made;
  if (path.empty()) return made;
  // Not truncated before it is known what it is; O_NONBLOCK, as a named pipe would hold us up.
  const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const files::Descriptor file(
      ::open(path.c_str(), flags | (follow_symlinks ? 0 : O_NOFOLLOW), 0644));
  if (file.get() < 0) return refused(path, errno, follow_symlinks);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return refused(path, errno, follow_symlinks);
  if (auto refusal = refuse_content(file.get(), status)) return tl::unexpected(std::move(*refusal));
  const std::string text = fmt::format("{}", ::getpid());
  const bool written =
      ::ftruncate(file.get(), 0) == 0 &&
      ::pwrite(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!written) return refused(path, errno, follow_symlinks);
  made.path_ = path;
  made.device_ = status.st_dev;
  made.inode_ = status.st_ino;
  return made;
}

std::optional<FileRefusal> PidFile::check(const std::string& path, bool follow_symlinks) {
  if (path.empty()) return std::nullopt;
  if (auto refusal = refuse_writing(path, follow_symlinks)) return refusal;
  const files::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return std::nullopt;
  return refuse_content(file.get(), status);
}

PidFile::PidFile(PidFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

PidFile::~PidFile() {
  struct stat status {};
  if (path_.empty() || ::stat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace broker
