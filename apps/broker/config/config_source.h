#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace broker {

/// Where the text of configuration files comes from: the disk, or the memory of a test.
class ConfigSource {
 public:
  virtual ~ConfigSource() = default;

  /// The bytes of a file, or why they cannot be had.
  virtual tl::expected<std::string, std::string> read(const std::string& path) = 0;

  /// The paths of the files that `include_dir directory` stands for, in the order of reading, or
  /// why they cannot be had.
  virtual tl::expected<std::vector<std::string>, std::string> list(
      const std::string& directory) = 0;
};

}  // namespace broker
