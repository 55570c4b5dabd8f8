#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/input/standard_descriptors.h"
#include "cli/options/command_line.h"
#include "probe/probe.h"
#include "sub/recorder.h"
#include "sub/sub_options.h"
#include "sub/subscriber.h"

int main(int argc, char** argv) {
  cli::fill_standard_descriptors();
  sub::SubOptions options;
  const auto app = sub::make_app(options);
  const auto parsed =
      cli::parse_command_line(*app, std::vector<std::string>(argv + 1, argv + argc));
  if (!parsed) return cli::end(parsed.error());
  const auto checked = sub::check(*app, options);
  if (!checked) return cli::end(cli::usage_error(*app, checked.error()));
  const auto loaded = cli::load_tls_context(options.connection);
  if (!loaded) return cli::end(cli::usage_error(*app, loaded.error()));
  if (options.probe) {
    const std::string topic = options.filters.empty() ? "" : options.filters.front();
    return probe::Probe(options.connection, topic, *options.probe).run();
  }
  std::optional<sub::RecordingFile> recording;
  if (options.record && !options.records_to_output()) {
    auto file = sub::RecordingFile::create(*options.record);
    if (!file) return cli::end(cli::usage_error(*app, file.error()));
    recording.emplace(std::move(*file));
  }
  return sub::Subscriber(options, std::move(recording)).run();
}
