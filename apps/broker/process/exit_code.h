#pragma once

namespace broker {

/// What the program answers to the shell. The numbers are those that scripts around mosquitto know.
enum class ExitCode : int {
  success = 0,
  start_failed = 1,      ///< a listener could not be opened, or a system call failed
  configuration = 3,     ///< a wrong argument or configuration file
  file_not_opened = 13,  ///< a file that the configuration names
  environment = 14       ///< the pid file, a user, the daemon: the system refused it
};

}  // namespace broker
