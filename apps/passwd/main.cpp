#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/options/command_line.h"
#include "passwd/passwd_options.h"
#include "passwd/password_tasks.h"

int main(int argc, char** argv) {
  ::umask(077);  // what is made here holds hashes
  passwd::PasswdOptions options;
  passwd::PasswdSwitches switches;
  const auto app = passwd::make_app(options, switches);
  std::vector<std::string> operands;
  const auto parsed =
      cli::parse_command_line(*app, std::vector<std::string>(argv + 1, argv + argc), operands);
  if (!parsed) return cli::end(parsed.error());
  if (const auto completed = passwd::complete(options, switches, std::move(operands)); !completed) {
    return cli::end(cli::usage_error(*app, completed.error()));
  }
  return passwd::run(options);
}
