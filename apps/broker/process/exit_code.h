#pragma once

namespace broker {

/// The exit status. The numbers are those of mosquitto.
enum class ExitCode : int {
  success = 0,
  start_failed = 1,      ///< a listener could not be opened, or a system call failed
  configuration = 3,     ///< an invalid argument or configuration
  file_not_opened = 13,  ///< a file that the configuration names
  environment = 14       ///< the pid file, the user or the daemon could not be set up
};

}  // namespace broker
