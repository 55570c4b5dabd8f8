#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace test {

/// A folder of the test's own, gone when it is left.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mqtt-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for a test");
    path_ = pattern;
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file that its owner alone may read; the answer is its path.
  std::string file(const std::string& name, std::string_view content) const {
    const std::string path = (path_ / name).string();
    std::ofstream(path) << content;
    ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
    return path;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace test
