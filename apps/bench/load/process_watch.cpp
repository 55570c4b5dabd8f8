#include "bench/load/process_watch.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace bench {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The number behind `key` in a file of lines such as "Rss:  123 kB"; 0 if there is none.
std::uint64_t number_behind(const std::string& text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return 0;
  std::uint64_t number = 0;
  std::istringstream(text.substr(at + key.size(), 40)) >> number;
  return number;
}

struct Ticks {
  std::uint64_t user = 0;
  std::uint64_t system = 0;
};

/// Of a process or a thread, by its `stat`: behind the name, which may contain anything, come 11
/// fields and then the two times.
Ticks ticks_in(const std::string& stat) {
  Ticks ticks;
  std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  fields >> ticks.user >> ticks.system;
  return ticks;
}

Seconds seconds_of(const timeval& time) {
  return Seconds(static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6);
}

}  // namespace

tl::expected<ProcessWatch, std::string> ProcessWatch::of(pid_t pid) {
  clockid_t clock{};
  if (const int error = ::clock_getcpuclockid(pid, &clock); error != 0) {
    return tl::unexpected(
        fmt::format("the process {} cannot be watched: {}", pid, std::strerror(error)));
  }
  return ProcessWatch(pid, clock);
}

ProcessWatch::ProcessWatch(pid_t pid, clockid_t clock) : pid_(pid), clock_(clock) {
  usage_.pid = pid;
  std::string name = read_file(directory() + "/comm");
  while (name.ends_with('\n')) name.pop_back();
  usage_.command = name;
}

std::string ProcessWatch::directory() const {
  return fmt::format("/proc/{}", pid_);
}

Nanoseconds ProcessWatch::cpu_time() const {
  timespec time{};
  if (::clock_gettime(clock_, &time) != 0) return 0;
  return static_cast<Nanoseconds>(time.tv_sec) * nanoseconds_per_second +
         static_cast<Nanoseconds>(time.tv_nsec);
}

std::uint64_t ProcessWatch::resident() const {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::istringstream(read_file(directory() + "/statm")) >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t ProcessWatch::resident_exactly() const {
  const std::uint64_t kilobytes = number_behind(read_file(directory() + "/smaps_rollup"), "\nRss:");
  return kilobytes == 0 ? resident() : kilobytes * 1024;  // the file is its owner's only
}

bool ProcessWatch::is_alive() const {
  return ::kill(pid_, 0) == 0 || errno == EPERM;
}

void ProcessWatch::begin() {
  usage_.resident_before = resident_exactly();
  usage_.resident_peak = usage_.resident_before;
  begin_ = moment();
}

void ProcessWatch::begin_measuring() {
  begin_ = moment();
}

void ProcessWatch::end_measuring() {
  const Moment end = moment();
  const Seconds cpu = to_seconds(end.cpu - begin_.cpu);
  const auto user = static_cast<double>(end.user_ticks - begin_.user_ticks);
  const auto system = static_cast<double>(end.system_ticks - begin_.system_ticks);
  usage_.user = user + system > 0 ? cpu * (user / (user + system)) : cpu;
  usage_.system = cpu - usage_.user;
  usage_.voluntary_switches = end.voluntary_switches - begin_.voluntary_switches;
  usage_.involuntary_switches = end.involuntary_switches - begin_.involuntary_switches;
  usage_.busiest_thread = busiest_thread(end);
  usage_.threads = number_behind(read_file(directory() + "/status"), "\nThreads:");
  sample();
}

void ProcessWatch::sample() {
  usage_.resident_peak = std::max(usage_.resident_peak, resident());
}

ProcessUsage ProcessWatch::finish() {
  usage_.resident_after = resident_exactly();
  usage_.resident_peak = std::max(
      {usage_.resident_peak, usage_.resident_after, usage_.resident_connected.value_or(0)});
  return usage_;
}

ProcessWatch::Moment ProcessWatch::moment() const {
  Moment moment;
  std::error_code error;
  std::filesystem::directory_iterator task(directory() + "/task", error);
  for (; !error && task != std::filesystem::directory_iterator(); task.increment(error)) {
    const std::string status = read_file(task->path().string() + "/status");
    moment.voluntary_switches += number_behind(status, "\nvoluntary_ctxt_switches:");
    moment.involuntary_switches += number_behind(status, "\nnonvoluntary_ctxt_switches:");
    const Ticks ticks = ticks_in(read_file(task->path().string() + "/stat"));
    moment.thread_ticks[task->path().filename().string()] = ticks.user + ticks.system;
  }
  const Ticks ticks = ticks_in(read_file(directory() + "/stat"));
  moment.user_ticks = ticks.user;
  moment.system_ticks = ticks.system;
  moment.cpu = cpu_time();
  moment.at = now();
  return moment;
}

double ProcessWatch::busiest_thread(const Moment& end) const {
  std::uint64_t most = 0;
  for (const auto& [thread, ticks] : end.thread_ticks) {
    const auto before = begin_.thread_ticks.find(thread);
    if (before != begin_.thread_ticks.end()) most = std::max(most, ticks - before->second);
  }
  const double seconds = to_seconds(end.at - begin_.at).count();
  if (seconds <= 0) return 0;
  const double busy = static_cast<double>(most) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return std::min(busy / seconds, 1.0);
}

ProcessUsage usage_of_this_process() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  ProcessUsage usage;
  usage.pid = ::getpid();
  usage.command = "mqtt-bench";
  usage.user = seconds_of(used.ru_utime);
  usage.system = seconds_of(used.ru_stime);
  usage.voluntary_switches = static_cast<std::uint64_t>(used.ru_nvcsw);
  usage.involuntary_switches = static_cast<std::uint64_t>(used.ru_nivcsw);
  usage.resident_peak = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  usage.threads = number_behind(read_file("/proc/self/status"), "\nThreads:");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::istringstream(read_file("/proc/self/statm")) >> size >> resident;
  usage.resident_after = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return usage;
}

ProcessUsage usage_since(const ProcessUsage& begin) {
  ProcessUsage usage = usage_of_this_process();
  usage.user -= begin.user;
  usage.system -= begin.system;
  usage.voluntary_switches -= begin.voluntary_switches;
  usage.involuntary_switches -= begin.involuntary_switches;
  usage.resident_before = begin.resident_after;
  return usage;
}

}  // namespace bench
