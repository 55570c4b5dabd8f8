#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "config/file_access.h"

namespace broker {

/// Leaves the terminal: the parent ends with success, the child goes on in a session of its own
/// with its standard streams on /dev/null. Before any thread is started. The error is the system's
/// text.
tl::expected<void, std::string> become_daemon();

/// A file with the process's number, for as long as the object lives.
///
/// The broker may be root, and whoever can write to the folder could have it write elsewhere. So a
/// symbolic link is refused unless `follow_symlinks`, and so is anything but a regular file that is
/// empty or holds a number: a path that was written by mistake costs nobody a file.
class PidFile {
 public:
  /// An empty path: no file.
  static tl::expected<PidFile, FileRefusal> write(const std::string& path, bool follow_symlinks);
  /// Whether `write` would fail, without writing anything.
  static std::optional<FileRefusal> check(const std::string& path, bool follow_symlinks);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  /// Removes the file, unless another is there by now.
  ~PidFile();

 private:
  PidFile() = default;

  std::string path_;  ///< empty: no file
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace broker
