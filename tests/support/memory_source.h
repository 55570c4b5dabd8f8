#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config_source.h"

namespace broker {

/// Configuration files in memory: a path and its text; a directory is what begins with its path.
class MemorySource : public ConfigSource {
 public:
  std::map<std::string, std::string> files;

  tl::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return tl::make_unexpected(std::string("no such file"));
    return found->second;
  }

  tl::expected<std::vector<std::string>, std::string> list(const std::string& directory) override {
    std::vector<std::string> paths;
    for (const auto& [path, text] : files) {
      if (path.starts_with(directory + "/")) paths.push_back(path);
    }
    if (paths.empty()) return tl::make_unexpected(std::string("no such directory"));
    return paths;
  }
};

}  // namespace broker
