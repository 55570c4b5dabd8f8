#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace mqtt::io {

/// A file that takes the secrets of TLS connections as lines in NSS key log format, with which
/// network analysers read what was said. Whoever reads it can do the same, so it is for its owner
/// alone. Lines are appended whole, whatever threads or processes they come from.
class TlsKeyLog {
 public:
  /// Makes the file if it is not there. Refuses a symbolic link, whatever is no regular file, and a
  /// file that the group or others may use. The error is the reason alone.
  static tl::expected<std::shared_ptr<const TlsKeyLog>, std::string> open(const std::string& path);

  ~TlsKeyLog();
  TlsKeyLog(const TlsKeyLog&) = delete;
  TlsKeyLog& operator=(const TlsKeyLog&) = delete;

  /// Any thread. A line that the disk has no room for is lost.
  void write(std::string_view line) const;

 private:
  explicit TlsKeyLog(int fd) : fd_(fd) {}

  const int fd_;
};

}  // namespace mqtt::io
