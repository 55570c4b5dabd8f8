#pragma once

#include <string>
#include <tl/expected.hpp>

namespace broker {

/// Leaves the terminal: the parent ends with success, the child goes on in a session of its own
/// with its standard streams on /dev/null. Before any thread is started. The error is the system's
/// text.
tl::expected<void, std::string> become_daemon();

/// A file with the process's number, for as long as the object lives.
class PidFile {
 public:
  /// An empty path: no file.
  static tl::expected<PidFile, std::string> write(std::string path);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace broker
