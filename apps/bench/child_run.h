#pragma once

#include <string>
#include <vector>

namespace bench {

/// Blocks the terminating signals during its lifetime, so that they can be passed on to a child.
/// One at a time; for single-threaded programs.
class ChildRuns {
 public:
  ChildRuns();
  /// Signals that were received and not passed on take effect now.
  ~ChildRuns();
  ChildRuns(const ChildRuns&) = delete;
  ChildRuns& operator=(const ChildRuns&) = delete;

  /// Runs the program at `path` with the arguments `words` until it ends, with its output on stderr
  /// and in its own process group. Returns its exit status; 128 plus the number if a signal ended
  /// it; -1 if it could not be started (errno). It is killed if this process ends.
  int run(const std::string& path, const std::vector<std::string>& words);

  /// The first SIGINT, SIGTERM or SIGHUP received; 0: none.
  int signal();

 private:
  int wait_for(int pid);
  void note(int signal);

  int signal_ = 0;
};

}  // namespace bench
