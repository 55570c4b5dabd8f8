#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "net/inherited_sockets.h"

namespace broker {

/// The service manager that started the broker, if there is one: systemd with `Type=notify` or
/// `notify-reload`, and its watchdog. Otherwise every call does nothing. Used only by the main
/// thread.
class Supervisor {
 public:
  /// Before the process forks: reads the environment.
  static Supervisor from_environment();

  /// The sockets that the manager passed (LISTEN_FDS, LISTEN_FDNAMES). Once, and before the process
  /// forks, since they are addressed to its ID. The error is the system's text.
  static tl::expected<InheritedSockets, std::string> take_sockets();

  /// Reports that the broker is ready; also at the end of a reload.
  void ready() const;
  void reloading() const;
  void stopping() const;
  /// Must be called more often than every `watchdog_interval`, or the manager kills the process.
  void alive() const;

  /// nullopt: there is no watchdog.
  std::optional<std::chrono::microseconds> watchdog_interval() const { return watchdog_; }

 private:
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace broker
