#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/compare_command.h"
#include "bench/scenario_command.h"
#include "bench/verdict/metric.h"
#include "bench/versus_command.h"
#include "cli/options/command_line.h"
#include "cli/options/suggestion.h"

namespace {

std::string overview() {
  std::string text =
      "Measure an MQTT broker: load, latency, correctness, with a verdict\n"
      "Usage: mqtt-bench COMMAND [OPTIONS]\n\nCommands:\n";
  for (const bench::Scenario& scenario : bench::scenarios()) {
    text += fmt::format("  {:<10} {}\n", scenario.name, scenario.description);
  }
  text +=
      "  compare    Compare stored results: medians, spread, and whether they differ\n"
      "  versus     Run a scenario with two brokers alternately, and compare them\n";
  text += "\nMetrics for --expect, --expect-ratio and comparisons:\n" + bench::metric_help();
  text +=
      "\nExamples:\n"
      "  mqtt-bench pair\n"
      "  mqtt-bench fanout --subscribers 500 --broker-pid 1234\n"
      "\nmqtt-bench COMMAND --help describes the options. See mqtt-bench(1).\n";
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words.front() == "--help") {
    return cli::end({words.empty(), overview(), words.empty() ? 1 : 0});
  }
  if (words.front() == "--version") {
    return cli::end({false, "mqtt-bench " + cli::program_version() + "\n", 0});
  }
  const std::string command = words.front();
  if (const bench::Scenario* const scenario = bench::find_scenario(command)) {
    words.erase(words.begin());
    return bench::run_scenario(*scenario, std::move(words));
  }
  if (command == "compare" || command == "versus") {
    words.erase(words.begin());
    return command == "compare" ? bench::run_compare(std::move(words))
                                : bench::run_versus(std::move(words));
  }
  std::vector<std::string> names{"compare", "versus"};
  for (const bench::Scenario& scenario : bench::scenarios()) names.emplace_back(scenario.name);
  return cli::end({true,
                   fmt::format("Error: unknown command '{}'{}.\n\nUse 'mqtt-bench --help' to see "
                               "usage.\n",
                               command, cli::suggestion(command, names)),
                   1});
}
