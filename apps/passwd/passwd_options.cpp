#include "passwd/passwd_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <utility>

#include "mqtt/credentials/password_file_editor.h"

namespace passwd {
namespace {

using cli::Verdict;
using mqtt::HashLimits;
using mqtt::HashScheme;

constexpr std::size_t max_password_size = 65535;

constexpr auto forms =
    "Forms:\n"
    "  mqtt-passwd [-c] FILE USER              set a password, which is asked for\n"
    "  mqtt-passwd [-c] -b FILE USER PASSWORD  the same, visible to all who list processes\n"
    "  mqtt-passwd -c - USER                   print the line instead of writing a file\n"
    "  mqtt-passwd -D FILE USER                delete a user\n"
    "  mqtt-passwd -U FILE                     hash the passwords that are plain\n"
    "  mqtt-passwd --verify FILE USER          does the password fit?\n"
    "  mqtt-passwd --list FILE                 the users, and how their passwords are hashed\n"
    "\n"
    "Options come first. Exit status: 0 success, 1 error, 2 the passwords at the prompt differ,\n"
    "3 the password does not fit (--verify). See mqtt-passwd(1).";

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

void bind_recipe(CLI::App& app, mqtt::HashRecipe& recipe) {
  cli::add_value(app, "-H,--hash", "SCHEME",
                 "argon2id, sha512-pbkdf2 (default) or sha512, which is easy to guess against",
                 [&recipe](const std::string& name) { return set_scheme(recipe, name); });
  cli::add_value(app, "-I,--iterations", "COUNT", "Rounds of sha512-pbkdf2 (default: 210000)",
                 cli::number_setter<std::uint32_t>(recipe.iterations, 1, HashLimits::iterations));
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

Verdict choose_task(PasswdOptions& options, const PasswdSwitches& switches) {
  for (const Task task : switches.tasks) {
    if (options.task != Task::set && options.task != task) {
      return failure(
          fmt::format("{} and {} do not go together", letter_of(options.task), letter_of(task)));
    }
    options.task = task;
  }
  const bool password_given = switches.batch || options.password_descriptor;
  if (password_given && !takes_password(options.task)) {
    return failure(fmt::format("{} takes no password", letter_of(options.task)));
  }
  if (switches.batch && options.password_descriptor) {
    return failure("-b and a password from a descriptor do not go together");
  }
  return {};
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
  app->option_defaults()->group("Hash");
  bind_recipe(*app, options.recipe);
  return app;
}

Verdict complete(PasswdOptions& options, const PasswdSwitches& switches,
                 std::vector<std::string> operands) {
  if (Verdict chosen = choose_task(options, switches); !chosen) return chosen;
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
