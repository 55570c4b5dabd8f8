#include "mqtt/io/tls_key_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace mqtt::io {
namespace {

std::string reason_of(int error) {
  return error == ELOOP ? "it is a symbolic link" : std::generic_category().message(error);
}

/// Why the file must not be used; empty: it may be.
std::string objection(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return reason_of(errno);
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
  return std::string("others than its owner may use it (mode ") + mode.data() +
         "); \"chmod go-rwx\" closes it";
}

}  // namespace

tl::expected<std::shared_ptr<const TlsKeyLog>, std::string> TlsKeyLog::open(
    const std::string& path) {
  // Without O_NONBLOCK a named pipe would block the program forever.
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;
  const int fd = ::open(path.c_str(), flags, S_IRUSR | S_IWUSR);
  if (fd < 0) return tl::unexpected(reason_of(errno));
  std::shared_ptr<const TlsKeyLog> log(new TlsKeyLog(fd));
  if (std::string reason = objection(fd); !reason.empty()) return tl::unexpected(reason);
  return log;
}

TlsKeyLog::~TlsKeyLog() {
  close(fd_);
}

void TlsKeyLog::write(std::string_view line) const {
  const std::string whole = std::string(line) + "\n";
  // One call, so that the lines of several writers do not mix.
  [[maybe_unused]] const ssize_t written = ::write(fd_, whole.data(), whole.size());
}

}  // namespace mqtt::io
