#include "passwd/passwd_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <utility>

#include "mqtt/credentials/password_file_editor.h"
#include "passwd/user_names.h"

namespace passwd {
namespace {

using cli::Verdict;
using mqtt::HashLimits;
using mqtt::HashScheme;

constexpr std::size_t max_password_size = 65535;

constexpr auto forms =
    "Forms:\n"
    "  mqtt-passwd [-c] FILE USER              set a password; prompts for it\n"
    "  mqtt-passwd [-c] -b FILE USER PASSWORD  same, without a prompt; visible in process lists\n"
    "  mqtt-passwd -c - USER                   print the line instead of writing a file\n"
    "  mqtt-passwd [-c] --generate FILE USER...  set random passwords and print USER:PASSWORD\n"
    "  mqtt-passwd [-c] --generate FILE -      same, for names from standard input, one per line\n"
    "  mqtt-passwd -D FILE USER                delete a user\n"
    "  mqtt-passwd -U FILE                     hash all plain-text passwords\n"
    "  mqtt-passwd --verify FILE USER          check the password\n"
    "  mqtt-passwd --list FILE                 list users and how their passwords are hashed\n"
    "\n"
    "Options come first. Exit status: 0 success, 1 error, 2 the passwords at the prompt differ,\n"
    "3 the password is wrong (--verify). See mqtt-passwd(1).";

Verdict failure(std::string text) {
  return tl::unexpected(std::move(text));
}

void bind_task(CLI::App& app, PasswdSwitches& switches, const char* names, const char* description,
               Task task) {
  cli::add_switch(app, names, description, [&switches, task] {
    switches.tasks.push_back(task);
    return Verdict();
  });
}

Verdict set_scheme(mqtt::HashRecipe& recipe, const std::string& name) {
  for (const HashScheme scheme :
       {HashScheme::argon2id, HashScheme::pbkdf2_sha512, HashScheme::sha512}) {
    if (name != name_of(scheme)) continue;
    recipe.scheme = scheme;
    return {};
  }
  return failure(fmt::format("\"{}\" is not argon2id, sha512-pbkdf2 or sha512", name));
}

void bind_recipe(CLI::App& app, mqtt::HashRecipe& recipe, PasswdSwitches& switches) {
  cli::add_value(app, "-H,--hash", "SCHEME",
                 "argon2id, sha512-pbkdf2 (default) or sha512 (easy to brute-force)",
                 [&recipe](const std::string& name) { return set_scheme(recipe, name); });
  cli::add_value(app, "-I,--iterations", "COUNT",
                 "Rounds of sha512-pbkdf2 (default: 30000; 1000 with --generate)",
                 cli::number_setter<std::uint32_t>(switches.iterations, 1, HashLimits::iterations));
  cli::add_value(app, "--memory", "KIB", "Memory of argon2id (default: 47104)",
                 cli::number_setter<std::uint32_t>(recipe.memory_kib, 8, HashLimits::memory_kib));
  cli::add_value(app, "--passes", "COUNT", "Passes of argon2id over its memory (default: 1)",
                 cli::number_setter<std::uint32_t>(recipe.passes, 1,
                                                   std::numeric_limits<std::int32_t>::max()));
}

bool takes_user(Task task) {
  return task != Task::upgrade && task != Task::list;
}
bool takes_password(Task task) {
  return takes_user(task) && task != Task::remove;
}

std::string_view letter_of(Task task) {
  switch (task) {
    case Task::create:
      return "-c";
    case Task::remove:
      return "-D";
    case Task::upgrade:
      return "-U";
    case Task::verify:
      return "--verify";
    case Task::list:
      return "--list";
    case Task::set:
      break;
  }
  return "";
}

/// A random password cannot be guessed, however cheap its hash is: it costs as little as brokers
/// take everywhere, so that a thousand machines can log in at once.
constexpr std::uint32_t iterations_of_generated = 1000;

Verdict check_generate(PasswdOptions& options, const PasswdSwitches& switches) {
  if (!options.generate) {
    if (switches.length) return failure("--length goes with --generate only");
    if (options.only_new) return failure("--only-new goes with --generate only");
    return {};
  }
  if (switches.batch) return failure("-b and --generate do not go together");
  if (options.password_descriptor) {
    return failure("--generate and a password from a descriptor do not go together");
  }
  if (options.task == Task::verify) return failure("--verify and --generate do not go together");
  if (options.only_new && options.task == Task::create) {
    return failure("-c and --only-new do not go together: all users of a new file are new");
  }
  return {};
}

/// What follows the file: names, or a hyphen alone.
Verdict take_users(PasswdOptions& options, std::vector<std::string> operands) {
  if (operands.empty()) return failure("a file is missing");
  options.file = std::move(operands.front());
  operands.erase(operands.begin());
  if (operands.empty()) return failure("a user is missing");
  if (options.to_standard_output()) {
    return failure(
        "--generate prints passwords to standard output: it needs a file for the hashes");
  }
  if (operands.size() == 1 && operands.front() == "-") return {};
  options.users = std::move(operands);
  if (std::string reason = refuse_users(options.users); !reason.empty()) {
    return failure(std::move(reason));
  }
  return {};
}

Verdict choose_task(PasswdOptions& options, const PasswdSwitches& switches) {
  for (const Task task : switches.tasks) {
    if (options.task != Task::set && options.task != task) {
      return failure(
          fmt::format("{} and {} do not go together", letter_of(options.task), letter_of(task)));
    }
    options.task = task;
  }
  const bool password_given = switches.batch || options.password_descriptor || options.generate;
  if (password_given && !takes_password(options.task)) {
    return failure(fmt::format("{} takes no password", letter_of(options.task)));
  }
  if (switches.batch && options.password_descriptor) {
    return failure("-b and a password from a descriptor do not go together");
  }
  return check_generate(options, switches);
}

Verdict check_password(const std::string& password) {
  if (password.size() <= max_password_size) return {};
  return failure(fmt::format("the password is longer than {} bytes", max_password_size));
}

}  // namespace

std::unique_ptr<CLI::App> make_app(PasswdOptions& options, PasswdSwitches& switches) {
  auto app = cli::make_app("mqtt-passwd", "Manage password files for MQTT brokers", forms);
  bind_task(*app, switches, "-c,--create", "Create a new file, replacing an existing one",
            Task::create);
  bind_task(*app, switches, "-D,--delete", "Delete the user", Task::remove);
  bind_task(*app, switches, "-U,--upgrade", "Hash every plain-text password", Task::upgrade);
  bind_task(*app, switches, "--verify", "Check the password; the exit status gives the result",
            Task::verify);
  bind_task(*app, switches, "--list", "List the users", Task::list);
  app->option_defaults()->group("Password");
  cli::add_switch(*app, "-b,--batch", "The password is the last word of the command line",
                  switches.batch);
  cli::add_switch(*app, "--password-stdin",
                  "Read the password from standard input, without prompting", [&options] {
                    options.password_descriptor = 0;
                    return Verdict();
                  });
  cli::add_value(*app, "--password-fd", "NUMBER", "Read the password from this descriptor",
                 cli::number_setter<std::int32_t>(options.password_descriptor, 0,
                                                  std::numeric_limits<std::int32_t>::max()));
  cli::add_switch(*app, "--generate", "Generate a random password for each user and print it once",
                  options.generate);
  cli::add_value(*app, "--length", "COUNT",
                 "Password length for --generate, 16 to 128 (default: 24)",
                 cli::number_setter<std::uint32_t>(switches.length, mqtt::least_password_length,
                                                   mqtt::most_password_length));
  cli::add_switch(*app, "--only-new", "With --generate: skip users that already exist in the file",
                  options.only_new);
  app->option_defaults()->group("Hash");
  bind_recipe(*app, options.recipe, switches);
  return app;
}

Verdict complete(PasswdOptions& options, const PasswdSwitches& switches,
                 std::vector<std::string> operands) {
  if (Verdict chosen = choose_task(options, switches); !chosen) return chosen;
  options.password_length = switches.length.value_or(mqtt::default_password_length);
  if (options.generate) options.recipe.iterations = iterations_of_generated;
  if (switches.iterations) options.recipe.iterations = *switches.iterations;
  if (options.generate) {
    if (Verdict taken = take_users(options, std::move(operands)); !taken) return taken;
    return options.file.empty() ? failure("the name of the file is empty") : Verdict();
  }
  std::vector<std::pair<std::string_view, std::string*>> wanted{{"a file", &options.file}};
  std::string password;
  if (takes_user(options.task)) wanted.emplace_back("a user", &options.user);
  if (switches.batch) wanted.emplace_back("a password", &password);
  if (operands.size() < wanted.size()) {
    return failure(fmt::format("{} is missing", wanted[operands.size()].first));
  }
  if (operands.size() > wanted.size()) {
    return failure("there are more words than the options ask for (is -b missing?)");
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) *wanted[i].second = std::move(operands[i]);
  if (switches.batch) options.password = std::move(password);
  if (options.file.empty()) return failure("the name of the file is empty");
  if (takes_user(options.task) && options.task != Task::remove) {
    if (std::string reason = mqtt::PasswordFileEditor::refuse_user(options.user); !reason.empty()) {
      return failure(std::move(reason));
    }
  }
  return options.password ? check_password(*options.password) : Verdict();
}

}  // namespace passwd
