#include "bench/child_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace bench {
namespace {

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
  return set;
}

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(const char* path, char* const* arguments, pid_t parent) {
  constexpr int not_started = 127;
  const sigset_t blocked = signals();
  sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  // In a group of its own a signal reaches it once, when we pass it on, whether a terminal or a
  // program sent it to our whole group: two would end it at once. It may write to the terminal.
  setpgid(0, 0);
  signal(SIGTTOU, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(not_started);  // it ended before we could ask to be told
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDOUT_FILENO);
  execv(path, arguments);
  _exit(not_started);
}

}  // namespace

ChildRuns::ChildRuns() {
  const sigset_t blocked = signals();
  sigprocmask(SIG_BLOCK, &blocked, nullptr);
}

ChildRuns::~ChildRuns() {
  const sigset_t blocked = signals();
  sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
}

int ChildRuns::run(const std::string& path, const std::vector<std::string>& words) {
  std::vector<std::string> copies{"mqtt-bench"};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return -1;
  if (pid == 0) become(path.c_str(), arguments.data(), parent);
  return wait_for(pid);
}

int ChildRuns::wait_for(int pid) {
  const sigset_t awaited = signals();
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    const int signal = sigwaitinfo(&awaited, nullptr);
    if (signal < 0 || signal == SIGCHLD) continue;
    note(signal);
    kill(pid, signal);
  }
}

int ChildRuns::signal() {
  sigset_t ending = signals();
  sigdelset(&ending, SIGCHLD);
  const timespec no_time{};
  for (int signal = 0; (signal = sigtimedwait(&ending, nullptr, &no_time)) > 0;) note(signal);
  return signal_;
}

void ChildRuns::note(int signal) {
  if (signal_ == 0) signal_ = signal;
}

}  // namespace bench
