#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace test {

/// A file with this content; it goes with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A Mosquitto broker of this machine, on a port of 127.0.0.1 that was free, with a configuration
/// of its own; it ends with the object.
class Mosquitto {
 public:
  /// Whether the program was found when the tests were configured.
  static bool is_installed();

  /// `configuration`: lines that are added, behind those of its only listener.
  explicit Mosquitto(const std::string& configuration = {});
  ~Mosquitto();
  Mosquitto(const Mosquitto&) = delete;
  Mosquitto& operator=(const Mosquitto&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_;
  TemporaryFile configuration_;
  pid_t process_ = -1;
};

}  // namespace test
