#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "net/inherited_sockets.h"

namespace broker {

/// The service manager that started the broker, if one did and wants to know: systemd with
/// `Type=notify` or `notify-reload`, and its watchdog. Without one every call does nothing. Used by
/// the main thread alone.
class Supervisor {
 public:
  /// Before the process forks: the environment says whom to tell.
  static Supervisor from_environment();

  /// The sockets that the manager passed (LISTEN_FDS, LISTEN_FDNAMES). Once, and before the process
  /// forks, as they are addressed by its number. The error is the system's text.
  static tl::expected<InheritedSockets, std::string> take_sockets();

  /// Everything is open; also the end of a reload.
  void ready() const;
  void reloading() const;
  void stopping() const;
  /// Has to be called more often than every `watchdog_interval`, or the manager ends the process.
  void alive() const;

  /// nullopt: nobody waits for `alive`.
  std::optional<std::chrono::microseconds> watchdog_interval() const { return watchdog_; }

 private:
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace broker
