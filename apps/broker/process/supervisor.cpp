#include "process/supervisor.h"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace broker {

Supervisor Supervisor::from_environment() {
  Supervisor supervisor;
  std::uint64_t interval_us = 0;
  if (sd_watchdog_enabled(0, &interval_us) > 0)
    supervisor.watchdog_ = std::chrono::microseconds(interval_us);
  return supervisor;
}

tl::expected<InheritedSockets, std::string> Supervisor::take_sockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0) return tl::unexpected(std::string(std::strerror(-count)));
  std::vector<InheritedSocket> sockets;
  for (int i = 0; i < count; ++i) {
    sockets.push_back({SD_LISTEN_FDS_START + i, names != nullptr ? names[i] : std::string()});
  }
  for (char** name = names; name != nullptr && *name != nullptr; ++name) std::free(*name);
  std::free(names);
  return InheritedSockets(std::move(sockets));
}
void Supervisor::ready() const {
  sd_notify(0, "READY=1");
}

/// The time tells the manager which of several reloads this is.
void Supervisor::reloading() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = static_cast<unsigned long long>(now.tv_sec) * 1'000'000ULL +
                            static_cast<unsigned long long>(now.tv_nsec) / 1000ULL;
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", microseconds);
}

void Supervisor::stopping() const {
  sd_notify(0, "STOPPING=1");
}

void Supervisor::alive() const {
  sd_notify(0, "WATCHDOG=1");
}

}  // namespace broker
