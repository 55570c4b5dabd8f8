#include "connector.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <utility>

namespace mqtt::io {

Connector::Connector(Loop& loop, TcpTarget target, bool no_delay, Answer on_answer)
    : loop_(loop),
      target_(std::move(target)),
      no_delay_(no_delay),
      on_answer_(std::move(on_answer)),
      patience_(loop, [this] { give_up_address(UV_ETIMEDOUT); }) {}

Connector::~Connector() {
  close_attempt();
}

void Connector::begin() {
  if (target_.bind_address.empty()) return find_hosts();
  resolver_.resolve(loop_, target_.bind_address, 0, [this](Resolver::Answer found) {
    if (!found) return answer(found.error());
    bind_addresses_ = std::move(*found);
    find_hosts();
  });
}

void Connector::find_hosts() {
  if (!target_.service) {
    hosts_ = {{0, 0, target_.port, target_.host}};
    return try_next_host();
  }
  service_resolver_.resolve(loop_, *target_.service, target_.host,
                            [this](ServiceResolver::Answer found) {
                              if (!found) return answer(found.error());
                              hosts_ = std::move(*found);
                              try_next_host();
                            });
}

void Connector::try_next_host() {
  if (next_host_ == hosts_.size()) return answer(last_error_);
  const SrvRecord& host = hosts_[next_host_++];
  resolver_.resolve(loop_, host.target, host.port, [this](Resolver::Answer found) {
    if (!found) last_error_ = found.error();
    addresses_ = found ? std::move(*found) : std::vector<SocketAddress>();
    next_ = 0;
    try_next();
  });
}

void Connector::try_next() {
  while (next_ < addresses_.size()) {
    const int error = try_address(addresses_[next_++]);
    if (error == 0) return;
    last_error_ = error;
    close_attempt();
  }
  try_next_host();
}

bool Connector::is_last_chance() const {
  return next_ == addresses_.size() && next_host_ == hosts_.size();
}

int Connector::try_address(const SocketAddress& address) {
  fd_ = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return uv_translate_sys_error(errno);
  const int on = 1;
  if (no_delay_) setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (const int error = bind_for(address); error != 0) return error;
  int result = 0;
  do {
    result = ::connect(fd_, address.get(), address.length());
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EINPROGRESS) return uv_translate_sys_error(errno);

  outcome_ = std::make_unique<Poll>(loop_, fd_, [this] { on_outcome(); });
  outcome_->wait_writable();
  // The last address has the kernel's timeout.
  if (!is_last_chance()) patience_.start(target_.attempt_timeout);
  return 0;
}

int Connector::bind_for(const SocketAddress& address) const {
  if (bind_addresses_.empty()) return 0;
  for (const SocketAddress& own : bind_addresses_) {
    if (own.family() != address.family()) continue;
    // `connect` chooses the port: knowing the destination, it finds one immediately, while `bind`
    // searches all of them if most are in use.
    const int on = 1;
    setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    return bind(fd_, own.get(), own.length()) == 0 ? 0 : uv_translate_sys_error(errno);
  }
  return UV_EADDRNOTAVAIL;
}

void Connector::on_outcome() {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) return give_up_address(uv_translate_sys_error(error));
  patience_.stop();
  outcome_.reset();
  answer(std::exchange(fd_, -1));
}

void Connector::give_up_address(int error) {
  last_error_ = error;
  close_attempt();
  try_next();
}

void Connector::close_attempt() {
  patience_.stop();
  outcome_.reset();
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void Connector::answer(int fd_or_error) {
  // The receiver may destroy this object, so it is not used after this.
  const Answer receiver = std::move(on_answer_);
  receiver(fd_or_error);
}

}  // namespace mqtt::io
