#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <optional>
#include <string>

namespace mqtt::io {

/// A Unix socket's path, as used by socket calls.
class UnixAddress {
 public:
  /// nullopt if the path is empty or too long for a socket.
  static std::optional<UnixAddress> of(const std::string& path);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return sizeof storage_; }

 private:
  UnixAddress() { storage_.sun_family = AF_UNIX; }
  sockaddr_un storage_{};
};

}  // namespace mqtt::io
