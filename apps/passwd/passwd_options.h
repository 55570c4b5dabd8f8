#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/options/command_line.h"
#include "mqtt/credentials/password_hash.h"
#include "mqtt/credentials/random_password.h"

namespace passwd {

enum class Task : std::uint8_t {
  set,      ///< add a user, or change a password
  create,   ///< a new file with one user
  remove,   ///< a user
  upgrade,  ///< hash plain-text passwords
  verify,   ///< check a password
  list,     ///< the users
};

/// The options of mqtt-passwd.
struct PasswdOptions {
  Task task = Task::set;
  mqtt::HashRecipe recipe;
  std::string file;  ///< for `create`, `-` is standard output
  std::string user;
  std::optional<std::string> password;              ///< -b
  std::optional<std::int32_t> password_descriptor;  ///< absent and no -b: prompt

  // With --generate, instead of `user` and a password.
  bool generate = false;
  std::vector<std::string> users;  ///< empty: read from standard input
  std::size_t password_length = mqtt::default_password_length;
  bool only_new = false;  ///< existing users keep their passwords

  bool to_standard_output() const { return task == Task::create && file == "-"; }
};

/// The switches as given, before checking whether they can be combined.
struct PasswdSwitches {
  bool batch = false;
  std::vector<Task> tasks;  ///< in the order of the command line
  std::optional<std::uint32_t> iterations;
  std::optional<std::uint32_t> length;
};

/// The command line of mqtt-passwd, bound to `options` and `switches`.
std::unique_ptr<CLI::App> make_app(PasswdOptions& options, PasswdSwitches& switches);

/// Checks the command line as a whole, and completes `options`.
cli::Verdict complete(PasswdOptions& options, const PasswdSwitches& switches,
                      std::vector<std::string> operands);

}  // namespace passwd
