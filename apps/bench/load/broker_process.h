#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>

#include <tl/expected.hpp>

namespace bench {

/// A broker started for the run: a child process in its own group, so that Ctrl-C does not reach it
/// before the end of the run.
class BrokerProcess {
 public:
  /// `command`: a program and its arguments, parsed as by a shell. Its output goes to stderr.
  static tl::expected<std::unique_ptr<BrokerProcess>, std::string> start(
      const std::string& command);
  /// SIGTERM; SIGKILL if it takes more than ten seconds.
  ~BrokerProcess();
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool has_ended();

 private:
  explicit BrokerProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  bool reaped_ = false;
};

}  // namespace bench
