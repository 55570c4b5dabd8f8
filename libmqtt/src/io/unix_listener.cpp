#include "mqtt/io/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>

#include "mqtt/io/loop.h"
#include "unix_address.h"

namespace mqtt::io {
namespace {

void remove_left_over(const std::string& path) {
  struct stat file {};
  if (lstat(path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode)) unlink(path.c_str());
}

int listen_on(int fd, const UnixAddress& address, const std::string& path,
              const UnixListener::Options& options) {
  remove_left_over(path);
  // The file comes into being with the socket's mode less the umask, so nobody slips in between;
  // then it gets what the umask took.
  if (fchmod(fd, options.mode) != 0) return errno;
  if (bind(fd, address.get(), address.length()) != 0) return errno;
  if (chmod(path.c_str(), options.mode) != 0) return errno;
  if (listen(fd, options.backlog) != 0) return errno;
  return 0;
}

}  // namespace

UnixListener::UnixListener(Loop& loop, int fd, ListenerEvents events, std::string path)
    : SocketListener(loop, fd, std::move(events)), path_(std::move(path)) {}

void UnixListener::remember_file() {
  struct stat file {};
  if (lstat(path_.c_str(), &file) != 0) return;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

UnixListener::~UnixListener() {
  struct stat file {};
  if (inode_ == 0 || lstat(path_.c_str(), &file) != 0) return;
  if (file.st_dev == device_ && file.st_ino == inode_) unlink(path_.c_str());
}

tl::expected<std::unique_ptr<UnixListener>, std::string> UnixListener::listen(
    Loop& loop, const std::string& path, ListenerEvents events, const Options& options) {
  const auto refused = [](int error) {
    return tl::unexpected(std::string(uv_strerror(uv_translate_sys_error(error))));
  };
  const auto address = UnixAddress::of(path);
  if (!address) return refused(ENAMETOOLONG);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused(errno);
  const int error = listen_on(fd, *address, path, options);
  if (error != 0) {
    close(fd);
    return refused(error);
  }
  std::unique_ptr<UnixListener> listener(new UnixListener(loop, fd, std::move(events), path));
  listener->remember_file();
  return listener;
}

std::unique_ptr<UnixListener> UnixListener::adopt(Loop& loop, int fd, const std::string& path,
                                                  ListenerEvents events) {
  return std::unique_ptr<UnixListener>(new UnixListener(loop, fd, std::move(events), path));
}

}  // namespace mqtt::io
