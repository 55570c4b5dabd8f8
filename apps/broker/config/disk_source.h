#pragma once

#include <cstddef>
#include <string_view>

#include "config/config_source.h"

namespace broker {

/// Configuration files on disk. Stateless; may block on slow media, so it is used before the loops
/// run or away from them.
class DiskSource : public ConfigSource {
 public:
  static constexpr std::size_t max_file_bytes = std::size_t{16} << 20U;

  tl::expected<std::string, std::string> read(const std::string& path) override;
  tl::expected<std::vector<std::string>, std::string> list(const std::string& directory) override;
};

/// Whether an include_dir takes a directory entry of this name.
bool is_included_name(std::string_view name);

/// The order of included files: letter by letter whatever the case, upper case first among equals.
bool included_before(std::string_view a, std::string_view b);

}  // namespace broker
