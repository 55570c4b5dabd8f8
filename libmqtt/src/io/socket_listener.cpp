#include "mqtt/io/socket_listener.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <utility>

#include "mqtt/io/loop.h"
#include "mqtt/io/timer.h"
#include "poll.h"

namespace mqtt::io {
namespace {

/// How many connections are accepted before other users of the loop get a turn.
constexpr int accepts_per_turn = 64;
/// How long accepting is paused when a waiting connection cannot even be rejected.
constexpr std::chrono::milliseconds exhausted_rest{100};
/// How many descriptors are reserved for the rest of the process, if its limit is high.
constexpr rlim_t reserved_descriptors = 32;

int open_spare() {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int accept_from(int fd) {
  int accepted = -1;
  do {
    accepted = accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  } while (accepted < 0 && errno == EINTR);
  return accepted;
}

/// The first descriptor that connections must not use. The system assigns the lowest free number,
/// so a number shows how many are in use. Read each time, since the limit may be changed from
/// outside.
int first_reserved_descriptor() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int>::max();
  const rlim_t first = limit.rlim_cur - std::min(reserved_descriptors, limit.rlim_cur / 8);
  return static_cast<int>(std::min<rlim_t>(first, std::numeric_limits<int>::max()));
}

bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

SocketListener::SocketListener(Loop& loop, ListeningSocket socket, ListenerEvents events)
    : loop_(loop),
      socket_(std::move(socket)),
      spare_fd_(open_spare()),
      events_(std::make_shared<const ListenerEvents>(std::move(events))) {
  poll_ = std::make_unique<Poll>(loop_, socket_.fd(), [this] { on_readable(); });
  poll_->wait_readable();
}

SocketListener::~SocketListener() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  poll_.reset();
  if (spare_fd_ >= 0) close(spare_fd_);
}

void SocketListener::pause() {
  paused_ = true;
  rest_.reset();
  poll_->stop();
}

void SocketListener::resume() {
  paused_ = false;
  rest_.reset();
  poll_->wait_readable();
}

void SocketListener::on_readable() {
  const auto events = events_;  // outlives a listener that is destroyed from within a call
  bool destroyed = false;
  destroyed_ = &destroyed;
  int shortage = 0;
  const int first_reserved = first_reserved_descriptor();
  for (int count = 0; count < accepts_per_turn && !paused_; ++count) {
    const int accepted = accept_from(socket_.fd());
    if (accepted >= first_reserved) {
      close(accepted);
      shortage = EMFILE;
      continue;
    }
    if (accepted >= 0) {
      events->on_accept(accepted);
      if (destroyed) return;
      continue;
    }
    if (errno == EAGAIN) break;
    if (!is_shortage(errno)) continue;  // that connection's own end
    shortage = errno;
    if (turn_away()) continue;
    rest();
    break;
  }
  destroyed_ = nullptr;
  if (shortage != 0 && events->on_exhausted) {
    events->on_exhausted(uv_strerror(uv_translate_sys_error(shortage)));
  }
}

bool SocketListener::turn_away() {
  if (spare_fd_ < 0) return false;
  close(std::exchange(spare_fd_, -1));
  const int accepted = accept_from(socket_.fd());
  if (accepted >= 0) close(accepted);
  // Another thread may have used the descriptor meanwhile.
  spare_fd_ = open_spare();
  return accepted >= 0;
}

void SocketListener::rest() {
  poll_->stop();
  rest_ = std::make_unique<Timer>(loop_, [this] {
    if (spare_fd_ < 0) spare_fd_ = open_spare();
    poll_->wait_readable();
  });
  rest_->start(exhausted_rest);
}

}  // namespace mqtt::io
