#pragma once

#include <optional>
#include <string>

namespace broker {

/// Why a file cannot be used, in words, and what would help.
struct FileRefusal {
  std::string reason;
  std::string hint{};              ///< may be empty
  bool is_missing_folder = false;  ///< of the folder that the file would be in

  /// `REASON (HINT)`.
  std::string text() const { return hint.empty() ? reason : reason + " (" + hint + ")"; }
};

enum class FileUse : unsigned char { read, write };

/// For a file that could not be opened: `error` as errno has it. Where rights are missing the
/// reason names what refuses, the file or the first folder on its way, with its owner, group and
/// mode and the user that this process is; the hint is the command that gives this user the right.
FileRefusal explain_refusal(const std::string& path, int error, FileUse use);

/// Whether this process could open the file for writing, or make it, without doing so. nullopt: it
/// could. A symbolic link is refused unless `follow_symlinks`, and so is what is no regular file.
std::optional<FileRefusal> refuse_writing(const std::string& path, bool follow_symlinks);

/// What is said of a symbolic link that is not followed.
FileRefusal symlink_refusal();

}  // namespace broker
