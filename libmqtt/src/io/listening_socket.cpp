#include "mqtt/io/listening_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "unix_address.h"

namespace mqtt::io {
namespace {

tl::unexpected<ListeningSocket::Failure> refused(int error) {
  return tl::make_unexpected(
      ListeningSocket::Failure{error, uv_strerror(uv_translate_sys_error(error))});
}

int switch_on(int fd, int level, int option) {
  const int on = 1;
  return setsockopt(fd, level, option, &on, sizeof on) == 0 ? 0 : errno;
}

/// 0 or the error.
int listen_on(int fd, const SocketAddress& address, const ListeningSocket::TcpOptions& options) {
  if (const int error = switch_on(fd, SOL_SOCKET, SO_REUSEADDR)) return error;
  if (options.share_port) {
    if (const int error = switch_on(fd, SOL_SOCKET, SO_REUSEPORT)) return error;
  }
  if (address.family() == AF_INET6) {
    if (const int error = switch_on(fd, IPPROTO_IPV6, IPV6_V6ONLY)) return error;
  }
  if (!options.device.empty() && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, options.device.c_str(),
                                            static_cast<socklen_t>(options.device.size())) != 0) {
    return errno;
  }
  if (bind(fd, address.get(), address.length()) != 0) return errno;
  if (!options.only_bind && listen(fd, options.backlog) != 0) return errno;
  return 0;
}

/// Whether the socket's file is stale: connections are refused, since no process listens.
bool is_left_over(const UnixAddress& address) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool is_refused =
      connect(probe, address.get(), address.length()) != 0 && errno == ECONNREFUSED;
  close(probe);
  return is_refused;
}

void remove_left_over(const std::string& path, const UnixAddress& address) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return;
  if (is_left_over(address)) unlink(path.c_str());
}

/// Never through a symbolic link that has replaced the socket. 0 or the error.
int set_mode(const std::string& path, mode_t mode) {
  if (fchmodat(AT_FDCWD, path.c_str(), mode, AT_SYMLINK_NOFOLLOW) == 0) return 0;
  if (errno != EOPNOTSUPP) return errno;
  // Without /proc, or not for this kind of file system: the mode stays as set by the umask.
  return 0;
}

/// 0 or the error.
int listen_on(int fd, const UnixAddress& address, const std::string& path,
              const ListeningSocket::UnixOptions& options) {
  remove_left_over(path, address);
  // The file is created with the socket's mode minus the umask, so nobody can connect early; then
  // it gets the bits that the umask removed.
  if (fchmod(fd, options.mode) != 0) return errno;
  if (bind(fd, address.get(), address.length()) != 0) return errno;
  int error = set_mode(path, options.mode);
  if (error == 0 && listen(fd, options.backlog) != 0) error = errno;
  if (error != 0) unlink(path.c_str());
  return error;
}

/// The path of the file.
std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

/// The file of a Unix socket, removed with its last owner unless it has been replaced.
class ListeningSocket::SocketFile {
 public:
  explicit SocketFile(std::string path) : path_(std::move(path)) {
    struct stat file {};
    if (lstat(path_.c_str(), &file) != 0) return;
    device_ = file.st_dev;
    inode_ = file.st_ino;
  }
  ~SocketFile() {
    struct stat file {};
    if (lstat(path_.c_str(), &file) != 0) return;
    if (file.st_dev == device_ && file.st_ino == inode_) unlink(path_.c_str());
  }
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      address_(other.address_),
      path_(std::move(other.path_)),
      file_(std::move(other.file_)) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(address_, other.address_);
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  return *this;
}

ListeningSocket::~ListeningSocket() {
  if (fd_ >= 0) close(fd_);
}

tl::expected<ListeningSocket, ListeningSocket::Failure> ListeningSocket::on_address(
    const SocketAddress& address, const TcpOptions& options) {
  ListeningSocket made(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.fd_ < 0) return refused(errno);
  if (const int error = listen_on(made.fd_, address, options)) return refused(error);
  made.address_ = SocketAddress::of_socket(made.fd_).value_or(SocketAddress());
  return made;
}

tl::expected<ListeningSocket, ListeningSocket::Failure> ListeningSocket::on_path(
    const std::string& path, const UnixOptions& options) {
  const auto address = UnixAddress::of(path);
  if (!address) return refused(ENAMETOOLONG);
  ListeningSocket made(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.fd_ < 0) return refused(errno);
  if (const int error = listen_on(made.fd_, *address, path, options)) return refused(error);
  made.path_ = path;
  made.file_ = std::make_shared<const SocketFile>(path);
  return made;
}

tl::expected<void, ListeningSocket::Failure> ListeningSocket::check_path(const std::string& path) {
  if (!UnixAddress::of(path)) return refused(ENAMETOOLONG);
  if (faccessat(AT_FDCWD, folder_of(path).c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return refused(errno);
  }
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) {
    return errno == ENOENT ? tl::expected<void, Failure>() : refused(errno);
  }
  if (!S_ISSOCK(file.st_mode)) return refused(EADDRINUSE);
  return {};
}

tl::expected<ListeningSocket, ListeningSocket::Failure> ListeningSocket::adopt(int fd) {
  ListeningSocket made(fd);
  int listens = 0;
  socklen_t length = sizeof listens;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0) return refused(errno);
  if (listens == 0) return refused(EINVAL);
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return refused(errno);
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return refused(errno);
  sockaddr_un name{};
  length = sizeof name;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) return refused(errno);
  if (name.sun_family == AF_UNIX) {
    made.path_.assign(name.sun_path, strnlen(name.sun_path, sizeof name.sun_path));
  } else {
    made.address_ = SocketAddress::of_socket(fd).value_or(SocketAddress());
  }
  return made;
}

tl::expected<ListeningSocket, ListeningSocket::Failure> ListeningSocket::share() const {
  ListeningSocket shared(fcntl(fd_, F_DUPFD_CLOEXEC, 0));
  if (shared.fd_ < 0) return refused(errno);
  shared.address_ = address_;
  shared.path_ = path_;
  shared.file_ = file_;
  return shared;
}

void ListeningSocket::share_port(bool on) const {
  const int value = on ? 1 : 0;
  if (path_.empty()) setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &value, sizeof value);
}

}  // namespace mqtt::io
