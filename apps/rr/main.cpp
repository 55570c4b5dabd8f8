#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/input/standard_descriptors.h"
#include "cli/options/command_line.h"
#include "cli/options/payload_source.h"
#include "rr/requester.h"
#include "rr/rr_options.h"

int main(int argc, char** argv) {
  cli::fill_standard_descriptors();
  rr::RrOptions options;
  const auto app = rr::make_app(options);
  const auto parsed =
      cli::parse_command_line(*app, std::vector<std::string>(argv + 1, argv + argc));
  if (!parsed) return cli::end(parsed.error());
  const auto checked = rr::check(options);
  if (!checked) return cli::end(cli::usage_error(*app, checked.error()));
  const auto loaded = cli::load_tls_context(options.connection);
  if (!loaded) return cli::end(cli::usage_error(*app, loaded.error()));
  auto payload = cli::load_payload(options.payload);
  if (!payload) return cli::end(cli::usage_error(*app, payload.error()));
  return rr::Requester(options, std::move(*payload)).run();
}
