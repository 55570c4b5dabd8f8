#include "libmqtt/client/mosquitto.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace test {
namespace {

/// A port that nobody listens on now.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      fd >= 0 && ::bind(fd, generic, length) == 0 && ::getsockname(fd, generic, &length) == 0;
  ::close(fd);
  REQUIRE(bound);
  return ntohs(address.sin_port);
}

/// In silence. (Not by fork: the handlers that Catch2 has for signals would be in the child, too.)
pid_t spawn(const std::string& configuration_file) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = "mosquitto";
  std::string flag = "-c";
  std::string file = configuration_file;
  std::array<char*, 4> arguments{name.data(), flag.data(), file.data(), nullptr};
  pid_t process = -1;
  const int error =
      ::posix_spawn(&process, MOSQUITTO_PROGRAM, &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  REQUIRE(error == 0);
  return process;
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& content) {
  std::array<char, 32> name{"/tmp/mqtt-client-test-XXXXXX"};
  const int fd = ::mkstemp(name.data());
  REQUIRE(fd >= 0);
  // Readable by the account that a broker started by root changes to.
  const bool readable = ::fchmod(fd, 0644) == 0;
  const auto written = ::write(fd, content.data(), content.size());
  ::close(fd);
  REQUIRE(readable);
  REQUIRE(written == static_cast<ssize_t>(content.size()));
  path_ = name.data();
}

TemporaryFile::~TemporaryFile() {
  ::unlink(path_.c_str());
}

bool Mosquitto::is_installed() {
  return ::access(MOSQUITTO_PROGRAM, X_OK) == 0;
}

Mosquitto::Mosquitto(const std::string& configuration)
    : port_(free_port()),
      configuration_(fmt::format("allow_anonymous true\nlog_dest none\nlistener {} 127.0.0.1\n{}\n",
                                 port_, configuration)),
      process_(spawn(configuration_.path())) {}

Mosquitto::~Mosquitto() {
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace test
