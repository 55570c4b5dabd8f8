#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/standard_descriptors.h"
#include "sub/sub_options.h"
#include "sub/subscriber.h"

int main(int argc, char** argv) {
  cli::fill_standard_descriptors();
  sub::SubOptions options;
  const auto app = sub::make_app(options);
  const auto parsed =
      cli::parse_command_line(*app, std::vector<std::string>(argv + 1, argv + argc));
  if (!parsed) return cli::end(parsed.error());
  const auto checked = sub::check(options);
  if (!checked) return cli::end(cli::usage_error(*app, checked.error()));
  const auto loaded = cli::load_tls_context(options.connection);
  if (!loaded) return cli::end(cli::usage_error(*app, loaded.error()));
  return sub::Subscriber(options).run();
}
