#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/file_access.h"

namespace broker {

/// A file that decides who may do what, as it was read.
struct GuardedFile {
  std::string text;
  std::vector<std::string> warnings;  ///< who else might read or change it
};

/// Reads a regular file. A symbolic link as the last component of `path` is refused unless
/// `follow_symlinks`: whoever may write to the folder could point it elsewhere.
tl::expected<GuardedFile, FileRefusal> read_guarded_file(const std::string& path,
                                                         bool follow_symlinks);

}  // namespace broker
