#include "daemon.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace broker {

tl::expected<void, std::string> become_daemon() {
  const pid_t child = ::fork();
  if (child < 0) return tl::unexpected(fmt::format("cannot fork: {}", std::strerror(errno)));
  if (child > 0) ::_exit(0);
  if (::setsid() < 0)
    return tl::unexpected(fmt::format("cannot begin a session: {}", std::strerror(errno)));
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0)
    return tl::unexpected(fmt::format("cannot open /dev/null: {}", std::strerror(errno)));
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, stream);
  if (null > STDERR_FILENO) ::close(null);
  return {};
}

tl::expected<PidFile, std::string> PidFile::write(std::string path) {
  if (path.empty()) return PidFile(std::move(path));
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const std::string text = fmt::format("{}", ::getpid());
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!written)
    return tl::unexpected(
        fmt::format("cannot write the pid file {}: {}", path, std::strerror(error)));
  return PidFile(std::move(path));
}

PidFile::PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PidFile::~PidFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace broker
