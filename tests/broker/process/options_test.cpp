#include "process/options.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using broker::ExitCode;
using broker::ExitRequest;
using broker::LogTypes;
using broker::Options;

namespace {

tl::expected<Options, ExitRequest> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "mqtt-broker");
  return broker::parse_options(static_cast<int>(arguments.size()), arguments.data());
}

Options accepted(std::vector<const char*> arguments) {
  const auto options = parse(std::move(arguments));
  REQUIRE(options.has_value());
  return *options;
}

ExitRequest ended(std::vector<const char*> arguments) {
  const auto options = parse(std::move(arguments));
  REQUIRE_FALSE(options.has_value());
  return options.error();
}

/// A configuration file that is gone when the test is.
class File {
 public:
  explicit File(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "options_test_XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    REQUIRE(descriptor >= 0);
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const char* path() const { return path_.c_str(); }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("The command line fills the options") {
  const Options none = accepted({});
  CHECK(none.config_files.empty());
  CHECK(none.ports.empty());
  CHECK_FALSE((none.verbose || none.quiet || none.daemon || none.test_config));

  const Options all = accepted({"-c", "a.conf", "--config-file", "b.conf", "-p", "1884", "--port",
                                "1885", "-v", "-q", "-d", "--test-config", "--tls-keylog", "keys"});
  CHECK(all.config_files == std::vector<std::string>{"a.conf", "b.conf"});
  CHECK(all.ports == std::vector<std::uint16_t>{1884, 1885});
  CHECK((all.verbose && all.quiet && all.daemon && all.test_config));
  CHECK(all.tls_key_log_file == "keys");
}

TEST_CASE("Help and version end in success") {
  for (const char* flag : {"-h", "--help"}) {
    const ExitRequest help = ended({flag});
    CHECK(help.code == ExitCode::success);
    CHECK(help.text.find("--config-file") != std::string::npos);
    CHECK(help.text.find("Examples:") != std::string::npos);
    CHECK(help.text.ends_with('\n'));
  }
  const ExitRequest version = ended({"--version"});
  CHECK(version.code == ExitCode::success);
  CHECK(version.text.starts_with("mqtt-broker "));
}

TEST_CASE("What is not understood ends with code 3") {
  CHECK(ended({"--verbsoe"}).text.find("did you mean --verbose?") != std::string::npos);
  CHECK(ended({"--prot=1884"}).text.find("did you mean --port?") != std::string::npos);
  CHECK(ended({"-x"}).text.find("unknown option -x") != std::string::npos);
  CHECK(ended({"surplus"}).text.find("unexpected argument") != std::string::npos);
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{"--nonsense"},
                                             {"-x"},
                                             {"surplus"},
                                             {"-c"},
                                             {"-p"},
                                             {"-p", "0"},
                                             {"-p", "65536"},
                                             {"-p", "x"},
                                             {"-p", "-1"},
                                             {"-c", "a.conf", "b.conf"},
                                             {"--", "-v"}}) {
    CAPTURE(arguments.front());
    CHECK(ended(arguments).code == ExitCode::configuration);
  }
}

TEST_CASE("A port may be given ten times") {
  std::vector<const char*> arguments;
  for (int i = 0; i < 10; ++i) arguments.insert(arguments.end(), {"-p", "1884"});
  CHECK(accepted(arguments).ports.size() == 10);
  arguments.insert(arguments.end(), {"-p", "1884"});
  CHECK(ended(arguments).code == ExitCode::configuration);
}

TEST_CASE("The command line overrides the log types of the configuration") {
  const File file("log_type error\n");
  Options options;
  options.config_files = {file.path()};
  CHECK(load_config(options)->config.log.types == LogTypes{broker::LogType::error});
  options.verbose = true;
  CHECK(load_config(options)->config.log.types == LogTypes::all());
  options.quiet = true;
  CHECK(load_config(options)->config.log.types == LogTypes::none());
}

TEST_CASE("Without a configuration file the broker serves this machine on the given ports") {
  Options options;
  options.ports = {1884};
  const auto loaded = load_config(options);
  REQUIRE(loaded.has_value());
  CHECK(loaded->config.local_only);
  CHECK(loaded->config.listeners.size() == 2);
  CHECK(loaded->config.listeners.front().port == 1884);
}

TEST_CASE("A check needs a configuration file") {
  CHECK(ended({"--test-config"}).code == ExitCode::configuration);
}

TEST_CASE("A log file may be a symbolic link only where the environment allows it") {
  ::unsetenv("MOSQUITTO_UNSAFE_ALLOW_SYMLINKS");
  CHECK_FALSE(load_config(Options{})->config.log.file_may_be_symlink);
  ::setenv("MOSQUITTO_UNSAFE_ALLOW_SYMLINKS", "1", 1);
  CHECK(load_config(Options{})->config.log.file_may_be_symlink);
  ::unsetenv("MOSQUITTO_UNSAFE_ALLOW_SYMLINKS");
}
