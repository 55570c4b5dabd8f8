#include "bench/versus_command.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "bench/child_run.h"
#include "bench/comparison_end.h"
#include "bench/loose_words.h"
#include "bench/report/comparison_words.h"
#include "bench/report/json.h"
#include "bench/report/text_file.h"
#include "bench/result/quantity.h"
#include "cli/options/command_line.h"
#include "cli/options/exit_code.h"

namespace bench {
namespace {

constexpr std::string_view port_placeholder = "{port}";

constexpr auto footer =
    "Each run starts its broker, measures it with the scenario, and stops it: A B A B and so on, "
    "so\n"
    "that other load on the machine affects both. {port} in a command becomes a free port, to "
    "which\n"
    "the scenario then connects. Ratios are B's median divided by A's; whether a difference is "
    "more\n"
    "than noise is decided by the exact Mann-Whitney test (5 %), which needs 4 runs on each side.\n"
    "\n"
    "Examples:\n"
    "  mqtt-bench versus --a 'mosquitto -p {port}' --b 'mqtt-broker -p {port}' pair -q 1\n"
    "  mqtt-bench versus --a './old -p {port}' --b './new -p {port}' --runs 10 \\\n"
    "    --expect-ratio 'cpu/msg<=1.05' fanout --subscribers 500\n"
    "\n"
    "Exit status: 0 done, 1 wrong options or a run without a result, 3 a run failed or a ratio is\n"
    "not as expected, 130 interrupted.";

/// Options of a scenario that versus takes care of.
cli::Verdict check_option_of_run(std::string_view option) {
  if (option == "--json" || option == "--report") {
    return tl::unexpected(fmt::format(
        "{} belongs before the scenario, where it writes the comparison (--keep keeps each result)",
        option));
  }
  if (option == "--broker-cmd" || option == "--broker-pid") {
    return tl::unexpected(
        fmt::format("{} is not for the scenario here: versus starts the brokers itself", option));
  }
  return {};
}

cli::Verdict check(const VersusOptions& options) {
  if (options.a_command.empty() || options.b_command.empty()) {
    return tl::unexpected(std::string("both --a and --b need a command that starts a broker"));
  }
  if (options.run.empty()) {
    return tl::unexpected(std::string("a scenario must follow, such as \"pair\""));
  }
  for (const std::string& word : options.run) {
    const auto checked = check_option_of_run(std::string_view(word).substr(0, word.find('=')));
    if (!checked) return checked;
  }
  return {};
}

/// A port of 127.0.0.1 that nobody listens on just now.
std::optional<unsigned> free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return std::nullopt;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  void* const any = &address;
  auto* const generic = static_cast<sockaddr*>(any);
  const bool is_bound =
      bind(listener, generic, length) == 0 && getsockname(listener, generic, &length) == 0;
  close(listener);
  return is_bound ? std::optional<unsigned>(ntohs(address.sin_port)) : std::nullopt;
}

/// Where the runs leave their results: the user's folder, or one that is removed at the end.
class ResultFolder {
 public:
  static tl::expected<ResultFolder, std::string> make(const std::string& kept) {
    if (!kept.empty()) {
      if (mkdir(kept.c_str(), 0777) == 0 || errno == EEXIST) return ResultFolder(kept, false);
      return tl::unexpected(cannot("make the folder", kept));
    }
    const char* const directory = getenv("TMPDIR");
    std::string path =
        std::string(directory == nullptr ? "/tmp" : directory) + "/mqtt-bench-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) return tl::unexpected(cannot("make the folder", path));
    return ResultFolder(path, true);
  }
  ~ResultFolder() {
    if (!is_ours_) return;
    for (const std::string& file : files_) std::remove(file.c_str());
    rmdir(path_.c_str());
  }
  ResultFolder(ResultFolder&& other) noexcept
      : path_(std::move(other.path_)),
        is_ours_(std::exchange(other.is_ours_, false)),
        files_(std::move(other.files_)) {}
  ResultFolder& operator=(ResultFolder&&) = delete;

  /// A path for a result, at which no file exists.
  std::string file(std::string_view side, unsigned run) {
    std::string path = fmt::format("{}/{}-{}.json", path_, side, run);
    std::remove(path.c_str());
    files_.push_back(path);
    return path;
  }

 private:
  ResultFolder(std::string path, bool is_ours) : path_(std::move(path)), is_ours_(is_ours) {}

  std::string path_;
  bool is_ours_;
  std::vector<std::string> files_;
};

/// Two brokers in turns.
class Versus {
 public:
  Versus(const VersusOptions& options, const std::string& program, ResultFolder folder)
      : options_(options), program_(program), folder_(std::move(folder)) {
    a_.name = options.a_name;
    b_.name = options.b_name;
  }

  /// The status for `main`.
  int run(const std::vector<Expectation>& ratios) {
    warn_of_too_few_runs();
    std::string error;
    for (unsigned i = 1; i <= options_.runs && error.empty() && children_.signal() == 0; ++i) {
      error = run_once("a", options_.a_command, i, a_);
      if (error.empty() && children_.signal() == 0)
        error = run_once("b", options_.b_command, i, b_);
    }
    int status = 0;
    if (!a_.runs.empty() && !b_.runs.empty()) {
      status = tell_comparison(a_, b_, ratios, options_.files);
    }
    if (!error.empty()) return complain_about(error);
    if (const int signal = children_.signal(); signal != 0) return cli::signal_status(signal);
    return status == 0 && (has_failed(a_) || has_failed(b_)) ? negative_verdict_status : status;
  }

 private:
  static bool has_failed(const Side& side) {
    return std::any_of(side.runs.begin(), side.runs.end(),
                       [](const Result& run) { return !run.passed(); });
  }

  /// Before the time is spent, not after it.
  void warn_of_too_few_runs() const {
    if (can_tell(options_.runs, options_.runs)) return;
    unsigned enough = options_.runs;
    while (!can_tell(enough, enough)) ++enough;
    fmt::print(stderr,
               "Note: {} of each broker cannot show whether a difference is more than chance; that "
               "takes at least {} (--runs {}).\n",
               run_count(options_.runs), enough, enough);
  }

  /// Adds to `side` what one run found, unless it was interrupted; the error, or nothing.
  std::string run_once(std::string_view letter, const std::string& command, unsigned number,
                       Side& side) {
    const std::string file = folder_.file(letter, number);
    const auto words = words_of_run(command, file);
    if (!words) return words.error();
    const int status = children_.run(program_, *words);
    if (children_.signal() != 0) return {};
    if (status < 0) return cannot("start", program_);
    auto result =
        read_file(file).and_then([](const std::string& text) { return result_from_json(text); });
    if (!result) {
      return fmt::format("run {} of {} ended with status {} and left no result: {}", number,
                         side.name, status, result.error());
    }
    print_line(side.name, number, *result);
    side.runs.push_back(*std::move(result));
    return {};
  }

  tl::expected<std::vector<std::string>, std::string> words_of_run(std::string command,
                                                                   const std::string& file) const {
    std::vector<std::string> words = options_.run;
    if (command.find(port_placeholder) != std::string::npos) {
      const auto port = free_port();
      if (!port) return tl::unexpected(std::string("there is no free port"));
      const std::string digits = fmt::format("{}", *port);
      for (std::size_t i = 0; (i = command.find(port_placeholder, i)) != std::string::npos;) {
        command.replace(i, port_placeholder.size(), digits);
      }
      words.insert(words.end(), {"-p", digits});
    }
    words.insert(words.end(), {"--broker-cmd", command, "--json", file});
    return words;
  }

  void print_line(const std::string& name, unsigned number, const Result& result) const {
    std::string line = fmt::format("{} {}/{}: {}", name, number, options_.runs,
                                   show(result.delivered_per_second(), Unit::per_second));
    if (const auto cpu = result.broker_cpu_us_per_delivery()) {
      line += fmt::format(", {} CPU per delivery", show(*cpu * 1000, Unit::duration));
    }
    if (!result.latencies.empty() && result.latencies[0].histogram.count() != 0) {
      const Histogram& histogram = result.latencies[0].histogram;
      line += fmt::format(", p50 {}, p99 {}",
                          show(static_cast<double>(histogram.quantile(0.5)), Unit::duration),
                          show(static_cast<double>(histogram.quantile(0.99)), Unit::duration));
    }
    if (!result.passed()) line += ", FAILED: " + result.failures.front();
    fmt::print(stderr, "{}\n", line);
  }

  const VersusOptions& options_;
  const std::string& program_;
  ResultFolder folder_;
  ChildRuns children_;
  Side a_;
  Side b_;
};

}  // namespace

std::unique_ptr<CLI::App> make_versus_app(VersusOptions& options) {
  auto app = cli::make_app("mqtt-bench versus",
                           "Measure two brokers alternately:\n  mqtt-bench versus --a COMMAND --b "
                           "COMMAND [OPTIONS] SCENARIO [OPTIONS]",
                           footer);
  cli::add_text(*app, "--a", "COMMAND", "Starts broker A", options.a_command);
  cli::add_text(*app, "--b", "COMMAND", "Starts broker B", options.b_command);
  cli::add_text(*app, "--a-name", "NAME", "Name of broker A (default: A)", options.a_name);
  cli::add_text(*app, "--b-name", "NAME", "Name of broker B (default: B)", options.b_name);
  cli::add_value(*app, "--runs", "COUNT", "Runs of each broker (default: 5)",
                 cli::number_setter<unsigned>(options.runs, 1, 1000));
  cli::add_value(*app, "--expect-ratio", "EXPECTATION",
                 "A condition for B/A such as 'cpu/msg<=1/20'; the exit status is 3 if it is not "
                 "met; may be repeated",
                 [&options](const std::string& text) {
                   options.ratio_expectations.push_back(text);
                   return cli::Verdict();
                 });
  add_comparison_files(*app, options.files);
  cli::add_text(*app, "--keep", "FOLDER", "Keep the results of the individual runs there",
                options.keep);
  return app;
}

int run_versus(std::vector<std::string> words, const std::string& program) {
  VersusOptions options;
  const auto app = make_versus_app(options);
  SortedWords sorted = split_at_loose(*app, words);
  options.run = std::move(sorted.loose);
  if (const auto parsed = cli::parse_command_line(*app, sorted.options); !parsed) {
    return cli::end(parsed.error());
  }
  if (const auto checked = check(options); !checked) {
    return cli::end(cli::usage_error(*app, checked.error()));
  }
  const auto ratios = parse_ratio_expectations(options.ratio_expectations);
  if (!ratios) return cli::end(cli::usage_error(*app, ratios.error()));
  auto folder = ResultFolder::make(options.keep);
  if (!folder) return complain_about(folder.error());
  return Versus(options, program, *std::move(folder)).run(*ratios);
}

}  // namespace bench
