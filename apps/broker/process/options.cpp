#include "process/options.h"
#include "spelling/nearest_word.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

namespace broker {
namespace {

constexpr std::string_view examples = R"(Examples:
  mqtt-broker                      serve local clients on port 1883
  mqtt-broker -p 1884 -v           the same on port 1884, with a verbose log
  mqtt-broker -c mosquitto.conf    use a configuration file
  mqtt-broker -c mosquitto.conf --test-config
                                   report everything that would prevent a start

Exit status:
  0  stopped by SIGINT or SIGTERM, or nothing to do
  1  a listener could not be opened, or a system call failed
  3  an argument or the configuration is invalid
  13 a file named in the configuration could not be opened
  14 the pid file could not be written, or the process could not be set up

SIGHUP reads the configuration again and reopens the log file.)";

ExitRequest wrong_arguments(std::string_view reason) {
  return {ExitCode::configuration,
          fmt::format("mqtt-broker: {}\nTry mqtt-broker --help.\n", reason)};
}

/// The options struct bound to its flags.
class CommandLine {
 public:
  CommandLine() {
    app_.name("mqtt-broker");
    app_.set_help_flag("-h,--help", "Print this help and exit");
    app_.set_version_flag("--version", "mqtt-broker " MQTT_VERSION, "Print the version and exit");
    app_.add_option("-c,--config-file", options_.config_files,
                    "Read this configuration file; may be given several times")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app_.add_option("-p,--port", ports_,
                    "Listen on this port, if the configuration has no listener; up to 10 times")
        ->type_name("PORT")
        ->allow_extra_args(false)
        ->check(CLI::Range(1, 65535).description(""));
    app_.add_flag("-d,--daemon", options_.daemon, "Run in the background");
    app_.add_flag("-q,--quiet", options_.quiet, "Log nothing");
    app_.add_flag("-v,--verbose", options_.verbose, "Log everything");
    app_.add_flag(
        "--test-config", options_.test_config,
        "Check the configuration and everything it refers to, print all errors, and exit");
    app_.add_option("--tls-keylog", options_.tls_key_log_file,
                    "Append the keys of all TLS connections to this file, for network analysers")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app_.footer(std::string(examples));
    app_.allow_extras();
  }

  tl::expected<Options, ExitRequest> parse(int argc, const char* const* argv) {
    if (const auto bundle = bundled_flags(argc, argv); !bundle.empty()) {
      return tl::make_unexpected(wrong_arguments(
          fmt::format("unknown option {}; each option needs its own dash", bundle)));
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return tl::make_unexpected(ExitRequest{ExitCode::success, help()});
    } catch (const CLI::CallForVersion& version) {
      return tl::make_unexpected(
          ExitRequest{ExitCode::success, fmt::format("{}\n", version.what())});
    } catch (const CLI::ParseError& error) {
      return tl::make_unexpected(wrong_arguments(error.what()));
    }
    const auto extras = app_.remaining();
    if (!extras.empty()) return tl::make_unexpected(wrong_arguments(unknown(extras.front())));
    if (ports_.size() > Options::max_ports) {
      return tl::make_unexpected(
          wrong_arguments(fmt::format("--port is given more than {} times", Options::max_ports)));
    }
    std::transform(ports_.begin(), ports_.end(), std::back_inserter(options_.ports),
                   [](int port) { return static_cast<std::uint16_t>(port); });
    if (options_.test_config && options_.config_files.empty()) {
      return tl::make_unexpected(
          wrong_arguments("--test-config needs a configuration file (-c FILE)"));
    }
    return std::move(options_);
  }

  std::string help() const { return app_.help(); }

 private:
  /// The first argument like -dv. Such are unknown to mosquitto, and -qc FILE would be hard to
  /// read.
  static std::string bundled_flags(int argc, const char* const* argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view argument = argv[i];
      const std::string_view before = argv[i - 1];
      if (argument.size() < 3 || !argument.starts_with('-') || argument[1] == '-') continue;
      if (std::string_view("dhqv").find(argument[1]) == std::string_view::npos) continue;
      if (before == "-c" || before == "--config-file") continue;  // a file of that name
      return std::string(argument);
    }
    return {};
  }

  std::string unknown(const std::string& argument) const {
    if (!argument.starts_with('-')) return fmt::format("unexpected argument \"{}\"", argument);
    const std::vector<std::string> spellings = long_names();
    const std::vector<std::string_view> names(spellings.begin(), spellings.end());
    const std::string_view nearest =
        spelling::nearest_word(std::string_view(argument).substr(0, argument.find('=')), names);
    return nearest.empty() ? fmt::format("unknown option {}", argument)
                           : fmt::format("unknown option {}; did you mean {}?", argument, nearest);
  }

  std::vector<std::string> long_names() const {
    std::vector<std::string> names;
    for (const CLI::Option* option : app_.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }

  CLI::App app_{"An MQTT broker that reads mosquitto.conf and uses all cores"};
  Options options_;
  std::vector<int> ports_;
};

void apply(const Options& options, Config& config) {
  if (options.verbose) config.log.types = LogTypes::all();
  if (options.quiet) config.log.types = LogTypes::none();
  config.tls_key_log_file = options.tls_key_log_file;
  config.log.file_may_be_symlink = std::getenv("MOSQUITTO_UNSAFE_ALLOW_SYMLINKS") != nullptr;
}

}  // namespace

tl::expected<Options, ExitRequest> parse_options(int argc, const char* const* argv) {
  return CommandLine().parse(argc, argv);
}

std::string help_text() {
  return CommandLine().help();
}

ConfigReading read_configuration(const Options& options) {
  ConfigReading reading = read_config(options.config_files, options.ports);
  apply(options, reading.loaded.config);
  return reading;
}

ConfigResult load_config(const Options& options) {
  return read_configuration(options).result();
}

}  // namespace broker
