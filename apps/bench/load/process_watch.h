#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "bench/load/clock.h"
#include "bench/result/result.h"

namespace bench {

/// Watches a process: CPU time, memory, threads, context switches.
///
/// CPU time is from the process's own clock, with nanosecond resolution and including ended
/// threads. Its division into user and system time is from /proc/PID/stat, in ticks of 10 ms, as is
/// the time of each thread. Context switches are those of existing threads.
class ProcessWatch {
 public:
  /// The error says why the process cannot be watched.
  static tl::expected<ProcessWatch, std::string> of(pid_t pid);

  /// User and system time of the process so far.
  Nanoseconds cpu_time() const;
  /// Resident bytes: approximately (to a few pages) and cheaply, or exactly, which may take
  /// milliseconds.
  std::uint64_t resident() const;
  std::uint64_t resident_exactly() const;
  bool is_alive() const;

  /// Call before the first connection, at both ends of the measured part, and every second.
  void begin();
  void begin_measuring();
  void end_measuring();
  void sample();
  void all_connected() { usage_.resident_connected = resident_exactly(); }
  /// The results; reads the memory at the end now.
  ProcessUsage finish();

 private:
  struct Moment {
    Nanoseconds cpu = 0;
    std::uint64_t user_ticks = 0;
    std::uint64_t system_ticks = 0;
    std::uint64_t voluntary_switches = 0;
    std::uint64_t involuntary_switches = 0;
    std::map<std::string, std::uint64_t> thread_ticks;  ///< by thread id
    Nanoseconds at = 0;
  };

  ProcessWatch(pid_t pid, clockid_t clock);
  Moment moment() const;
  double busiest_thread(const Moment& end) const;
  std::string directory() const;

  pid_t pid_;
  clockid_t clock_;
  Moment begin_;
  ProcessUsage usage_;
};

/// This process: all of `ProcessUsage` except the memory between beginning and end.
ProcessUsage usage_of_this_process();
/// The same since `begin`, an earlier answer.
ProcessUsage usage_since(const ProcessUsage& begin);

}  // namespace bench
