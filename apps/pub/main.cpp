#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/input/standard_descriptors.h"
#include "cli/options/command_line.h"
#include "probe/probe.h"
#include "pub/pub_options.h"
#include "pub/publisher.h"
#include "pub/replayer.h"

int main(int argc, char** argv) {
  cli::fill_standard_descriptors();
  pub::PubOptions options;
  const auto app = pub::make_app(options);
  const auto parsed =
      cli::parse_command_line(*app, std::vector<std::string>(argv + 1, argv + argc));
  if (!parsed) return cli::end(parsed.error());
  const auto checked = pub::check(*app, options);
  if (!checked) return cli::end(cli::usage_error(*app, checked.error()));
  const auto loaded = cli::load_tls_context(options.connection);
  if (!loaded) return cli::end(cli::usage_error(*app, loaded.error()));
  if (options.replay.file) {
    auto recording = pub::RecordingInput::open(*options.replay.file, options.repeat > 1);
    if (!recording) return cli::end(cli::usage_error(*app, recording.error()));
    return pub::Replayer(options, std::move(*recording)).run();
  }
  if (options.probe) {
    return probe::Probe(options.connection, options.topic.value_or(""), *options.probe).run();
  }
  pub::Publisher publisher(options);
  const auto opened = publisher.open();
  if (!opened) return cli::end(cli::usage_error(*app, opened.error()));
  return publisher.run();
}
