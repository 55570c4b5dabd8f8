#include "bench/load/broker_process.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace bench {
namespace {

constexpr std::chrono::milliseconds pause{10};
constexpr std::chrono::seconds end_limit{10};

}  // namespace

tl::expected<std::unique_ptr<BrokerProcess>, std::string> BrokerProcess::start(
    const std::string& command) {
  // With `exec`, the shell becomes the broker: the process that is watched and gets the signals.
  const std::string line = "exec " + command;
  const pid_t pid = ::fork();
  if (pid < 0) return tl::unexpected(fmt::format("cannot start it: {}", std::strerror(errno)));
  if (pid == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // should we end without ending it
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }
  return std::unique_ptr<BrokerProcess>(new BrokerProcess(pid));
}

BrokerProcess::~BrokerProcess() {
  if (has_ended()) return;
  ::kill(pid_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + end_limit;
  while (!has_ended()) {
    if (std::chrono::steady_clock::now() > deadline) ::kill(pid_, SIGKILL);
    std::this_thread::sleep_for(pause);
  }
}

bool BrokerProcess::has_ended() {
  if (!reaped_ && ::waitpid(pid_, nullptr, WNOHANG) == pid_) reaped_ = true;
  return reaped_;
}

}  // namespace bench
