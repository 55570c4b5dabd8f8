#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace test {

/// A Mosquitto broker of this machine, on a port of 127.0.0.1 that was free, with a configuration
/// of its own; it ends with the object.
class Mosquitto {
 public:
  /// Whether the program was found when the tests were configured.
  static bool is_installed();

  /// `configuration`: lines that are added.
  explicit Mosquitto(const std::string& configuration = {});
  ~Mosquitto();
  Mosquitto(const Mosquitto&) = delete;
  Mosquitto& operator=(const Mosquitto&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_;
  std::string configuration_file_;
  pid_t process_ = -1;
};

}  // namespace test
