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

/// Looks at a process through the system: CPU time, memory, threads, context switches.
///
/// CPU time comes from the process's own clock, to the nanosecond and with the threads that have
/// ended; how it divides into user and system time from /proc/PID/stat, to its ticks (10 ms), as
/// does the time of each thread. Context switches are those of the threads that are alive.
class ProcessWatch {
 public:
  /// The error says why the process cannot be watched.
  static tl::expected<ProcessWatch, std::string> of(pid_t pid);

  /// User and system time of the process so far.
  Nanoseconds cpu_time() const;
  /// Bytes in memory: now, to a few pages, cheaply; or exactly, which may take milliseconds.
  std::uint64_t resident() const;
  std::uint64_t resident_exactly() const;
  bool is_alive() const;

  /// Call before the first connection, at both ends of the measured part, and every second.
  void begin();
  void begin_measuring();
  void end_measuring();
  void sample();
  void all_connected() { usage_.resident_connected = resident_exactly(); }
  /// What was seen; the memory at the end is looked at now.
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

/// This process: all of `ProcessUsage` but the memory between beginning and end.
ProcessUsage usage_of_this_process();
/// The same since `begin`, an earlier answer.
ProcessUsage usage_since(const ProcessUsage& begin);

}  // namespace bench
