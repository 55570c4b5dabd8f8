#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace mqtt::io {

/// A file for the secrets of TLS connections, in NSS key log format, with which network analysers
/// can decrypt them. So can anyone else who reads the file, so only its owner may. Lines are
/// appended whole, from any number of threads and processes.
class TlsKeyLog {
 public:
  /// Creates the file if it does not exist. Refuses symbolic links, files that are not regular, and
  /// files accessible to the group or others. The error is only the reason.
  static tl::expected<std::shared_ptr<const TlsKeyLog>, std::string> open(const std::string& path);

  ~TlsKeyLog();
  TlsKeyLog(const TlsKeyLog&) = delete;
  TlsKeyLog& operator=(const TlsKeyLog&) = delete;

  /// Any thread. A line is lost if the disk is full.
  void write(std::string_view line) const;

 private:
  explicit TlsKeyLog(int fd) : fd_(fd) {}

  const int fd_;
};

}  // namespace mqtt::io
