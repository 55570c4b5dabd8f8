#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace passwd {

/// A file that is read, changed and put back, locked meanwhile against others who do the same.
/// Until the new content is complete and on the disk the old one is in force: a file beside it is
/// written and renamed. Mode and owner stay.
class LockedFile {
 public:
  /// Opens the file that `path` names, through symbolic links, and waits for its lock. The error is
  /// for stderr.
  static tl::expected<LockedFile, std::string> open(const std::string& path);
  /// Likewise, for who only reads.
  static tl::expected<LockedFile, std::string> open_to_read(const std::string& path);
  /// Likewise, for a file that need not be there; then it will be readable by its owner alone.
  static tl::expected<LockedFile, std::string> open_or_create(const std::string& path);

  ~LockedFile();
  LockedFile(LockedFile&& other) noexcept;
  LockedFile& operator=(LockedFile&&) = delete;

  /// What is there now.
  tl::expected<std::string, std::string> read() const;
  /// Puts `content` in its place. Where the folder does not allow another file, or the file cannot
  /// be renamed over (a mount point of its own), it is written in place, which `warnings` tells.
  tl::expected<void, std::string> replace(const std::string& content);

  /// What whoever looks after the file should know: who else may read it, and the like.
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
