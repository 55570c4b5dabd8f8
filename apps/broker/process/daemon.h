#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "config/file_access.h"

namespace broker {

/// Detaches from the terminal: the parent exits with success, the child continues in a new session
/// with its standard streams on /dev/null. To be called before any thread is started. The error is
/// the system's text.
tl::expected<void, std::string> become_daemon();

/// A file with the process ID, for the lifetime of the object.
///
/// The broker may be root, and anyone who can write to the directory could make it write elsewhere.
/// So a symbolic link is refused unless `follow_symlinks`. A file that is not regular, or that
/// contains something other than a number, is refused as well: a mistyped path destroys no file.
class PidFile {
 public:
  /// An empty path: no file.
  static tl::expected<PidFile, FileRefusal> write(const std::string& path, bool follow_symlinks);
  /// Whether `write` would fail, without writing anything.
  static std::optional<FileRefusal> check(const std::string& path, bool follow_symlinks);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  /// Removes the file, unless it has been replaced.
  ~PidFile();

 private:
  PidFile() = default;

  std::string path_;  ///< empty: no file
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace broker
