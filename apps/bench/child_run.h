#pragma once

#include <string>
#include <vector>

namespace bench {

/// Blocks the signals that end a program while it lives, so that they can be passed on to a child
/// instead. One at a time; for programs with a single thread.
class ChildRuns {
 public:
  ChildRuns();
  /// Signals that came and were not passed on take effect now.
  ~ChildRuns();
  ChildRuns(const ChildRuns&) = delete;
  ChildRuns& operator=(const ChildRuns&) = delete;

  /// Runs the program at `path` with `words` behind its name, its output on stderr only, until it
  /// ends, in a process group of its own. Its exit status; 128 plus the number if a signal ended
  /// it; -1 if it could not be started (errno). It ends with us.
  int run(const std::string& path, const std::vector<std::string>& words);

  /// The first SIGINT, SIGTERM or SIGHUP that came; 0: none.
  int signal();

 private:
  int wait_for(int pid);
  void note(int signal);

  int signal_ = 0;
};

}  // namespace bench
