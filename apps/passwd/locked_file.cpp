#include "passwd/locked_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace passwd {
namespace {

using Done = tl::expected<void, std::string>;

std::string reason() {
  return std::generic_category().message(errno);
}

tl::unexpected<std::string> failure(std::string_view what, const std::string& path) {
  return tl::unexpected(fmt::format("{} {}: {}", what, path, reason()));
}

/// `path` without symbolic links. What is not there yet keeps its name, below its real folder.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr),
                                                        std::free);
  return resolved ? std::string(resolved.get()) : path;
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// A new file with a name of its own, gone when it is left without having been renamed.
class NeighbourFile {
 public:
  explicit NeighbourFile(const std::string& path) : path_(path + ".XXXXXX") {
    descriptor_ = ::mkostemp(path_.data(), O_CLOEXEC);
  }
  ~NeighbourFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!renamed_) ::unlink(path_.c_str());
  }
  NeighbourFile(const NeighbourFile&) = delete;
  NeighbourFile& operator=(const NeighbourFile&) = delete;

  bool exists() const { return descriptor_ >= 0; }
  /// Everything that makes it the equal of `original`, on the disk.
  bool fill(const std::string& content, const struct stat& original) {
    const bool same_owner = ::fchown(descriptor_, original.st_uid, original.st_gid) == 0;
    return same_owner && ::fchmod(descriptor_, original.st_mode & 07777U) == 0 &&
           write_all(descriptor_, content) && ::fsync(descriptor_) == 0;
  }
  bool rename_to(const std::string& path) {
    renamed_ = ::rename(path_.c_str(), path.c_str()) == 0;
    return renamed_;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

/// So that the new name survives a crash, too.
void synchronise_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

tl::expected<LockedFile, std::string> LockedFile::open(const std::string& path) {
  return open(path, O_RDWR);
}

tl::expected<LockedFile, std::string> LockedFile::open_to_read(const std::string& path) {
  return open(path, O_RDONLY);
}

tl::expected<LockedFile, std::string> LockedFile::open_or_create(const std::string& path) {
  // Whoever follows a link to nowhere creates a file where nobody expects it.
  return open(path, O_RDWR | O_CREAT | O_NOFOLLOW);
}

tl::expected<LockedFile, std::string> LockedFile::open(const std::string& path, int flags) {
  LockedFile update(real_path(path));
  if (const Done locked = update.lock(flags); !locked) return tl::unexpected(locked.error());
  update.look_at_permissions();
  return update;
}

LockedFile::LockedFile(LockedFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      warnings_(std::move(other.warnings_)) {}

LockedFile::~LockedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

/// The lock is on the file, not on the name: if another update has put a new file there while this
/// one waited, the lock is on one that nobody will see any more.
Done LockedFile::lock(int flags) {
  do {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = ::open(path_.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor_ < 0) return failure("cannot open", path_);
    struct stat status {};
    if (::fstat(descriptor_, &status) == 0 && !S_ISREG(status.st_mode)) {
      return tl::unexpected(fmt::format("{} is not a regular file", path_));
    }
    while (::flock(descriptor_, LOCK_EX) != 0) {
      if (errno != EINTR) return failure("cannot lock", path_);
    }
  } while (!is_still_there());
  return {};
}

bool LockedFile::is_still_there() const {
  struct stat here {};
  struct stat there {};
  return ::fstat(descriptor_, &here) == 0 && ::stat(path_.c_str(), &there) == 0 &&
         here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

void LockedFile::look_at_permissions() {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return;
  if ((status.st_mode & static_cast<mode_t>(S_IRWXO)) != 0) {
    warnings_.push_back(
        fmt::format("{} is open to everyone (mode {:04o})", path_, status.st_mode & 07777U));
  }
  if (status.st_uid != ::getuid())
    warnings_.push_back(fmt::format("{} belongs to another user", path_));
  if (status.st_gid != ::getgid())
    warnings_.push_back(fmt::format("{} belongs to another group", path_));
}

tl::expected<std::string, std::string> LockedFile::read() const {
  std::string content;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count =
        ::pread(descriptor_, buffer.data(), buffer.size(), static_cast<off_t>(content.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("cannot read", path_);
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Done LockedFile::replace(const std::string& content) {
  const auto beside = replace_beside(content);
  if (beside) return {};
  const Failure& failed = beside.error();
  const bool in_place_would_fail_too =
      failed.code == ENOSPC || failed.code == EDQUOT || failed.code == EIO;
  if (in_place_would_fail_too) return tl::unexpected(failed.text);
  warnings_.push_back(fmt::format("{} is written in place, as no new file can take its place ({})",
                                  path_, failed.text));
  return write_in_place(content);
}

tl::expected<void, LockedFile::Failure> LockedFile::replace_beside(
    const std::string& content) const {
  const auto failed = [this](std::string_view what) {
    const int code = errno;
    return tl::unexpected(Failure{failure(what, path_).value(), code});
  };
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return failed("cannot look at");
  NeighbourFile fresh(path_);
  if (!fresh.exists()) return failed("cannot create a file beside");
  if (!fresh.fill(content, status)) return failed("cannot write a file beside");
  if (!fresh.rename_to(path_)) return failed("cannot rename a file to");
  synchronise_folder_of(path_);
  return {};
}

Done LockedFile::write_in_place(const std::string& content) const {
  const bool written = ::ftruncate(descriptor_, 0) == 0 && ::lseek(descriptor_, 0, SEEK_SET) == 0 &&
                       write_all(descriptor_, content) && ::fsync(descriptor_) == 0;
  if (!written) return failure("cannot write", path_);
  return {};
}

}  // namespace passwd
