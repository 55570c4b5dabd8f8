#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace passwd {

/// A file that is read, changed and replaced, with a lock against concurrent runs. The old content
/// is valid until the new one is complete and on disk: a new file is written next to it and
/// renamed. Mode and owner are kept.
class LockedFile {
 public:
  /// Opens the file that `path` names, through symbolic links, and waits for its lock. The error is
  /// for stderr.
  static tl::expected<LockedFile, std::string> open(const std::string& path);
  /// The same, for reading only.
  static tl::expected<LockedFile, std::string> open_to_read(const std::string& path);
  /// The same, for a file that need not exist; a new one is readable by its owner only.
  static tl::expected<LockedFile, std::string> open_or_create(const std::string& path);

  ~LockedFile();
  LockedFile(LockedFile&& other) noexcept;
  LockedFile& operator=(LockedFile&&) = delete;

  /// The current content.
  tl::expected<std::string, std::string> read() const;
  /// Replaces the content. If the directory allows no new file, or the file cannot be replaced (it
  /// is a mount point), it is written in place, with a warning.
  tl::expected<void, std::string> replace(const std::string& content);

  /// Warnings for the file's owner, such as who else may read it.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Failure {
    std::string text;
    int code = 0;  ///< errno
  };

  explicit LockedFile(std::string path) : path_(std::move(path)) {}

  static tl::expected<LockedFile, std::string> open(const std::string& path, int flags);
  tl::expected<void, std::string> lock(int flags);
  bool is_still_there() const;
  void look_at_permissions();
  tl::expected<void, Failure> replace_beside(const std::string& content) const;
  tl::expected<void, std::string> write_in_place(const std::string& content) const;

  std::string path_;  ///< without symbolic links
  int descriptor_ = -1;
  std::vector<std::string> warnings_;
};

}  // namespace passwd
