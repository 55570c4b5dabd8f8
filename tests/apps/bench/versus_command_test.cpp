#include "bench/versus_command.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/bench/samples/captured_output.h"
#include "apps/bench/samples/folder.h"
#include "apps/bench/samples/sample_result.h"
#include "bench/report/json.h"
#include "bench/report/text_file.h"

namespace bench {
namespace {

/// A program that is called like a scenario: it writes its words down and copies the result that
/// its broker's "command" names.
class FakeScenario {
 public:
  FakeScenario() {
    store("slow", 0.4, {});
    store("fast", 0.1, {});
    store("lossy", 0.1, {"QoS 1: 3 messages lost"});
    const std::string script =
        "#!/bin/sh\n"
        "echo \"$@\" >>" +
        folder_.file("calls") +
        "\n"
        "while [ $# -gt 0 ]; do\n"
        "  case $1 in --json) json=$2 ;; --broker-cmd) command=${2%% *} ;; esac\n"
        "  shift\n"
        "done\n"
        "echo 'a summary that nobody wants here'\n"
        "case $command in\n"
        "  broken) exit 7 ;;\n"
        "  stopped) kill -TERM $PPID; trap 'exit 143' TERM; while :; do sleep 0.01; done ;;\n"
        "esac\n"
        "cp " +
        folder_.file("$command") +
        " $json\n"
        "[ $command != lossy ] || exit 3\n";
    REQUIRE(write_file(program(), script));
    REQUIRE(chmod(program().c_str(), 0755) == 0);
  }

  std::string program() const { return folder_.file("program"); }
  std::string file(const char* name) const { return folder_.file(name); }
  std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    const std::string text = read_file(folder_.file("calls")).value_or("");
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      lines.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return lines;
  }

 private:
  void store(const char* name, double cpu_seconds, std::vector<std::string> failures) {
    Result result = samples::pair_result();
    result.broker->user = Seconds(cpu_seconds);
    result.broker->system = Seconds(0);
    result.failures = std::move(failures);
    REQUIRE(write_file(folder_.file(name), to_json(result)));
  }

  samples::Folder folder_;
};

struct Outcome {
  int status = 0;
  std::string out;
  std::string error;
};

Outcome versus(const FakeScenario& fake, std::vector<std::string> words) {
  samples::CapturedOutput out(stdout);
  samples::CapturedOutput error(stderr);
  const int status = run_versus(std::move(words), fake.program());
  return {status, out.text(), error.text()};
}

}  // namespace

TEST_CASE("versus runs two brokers in turns and compares them") {
  const FakeScenario fake;
  const Outcome outcome =
      versus(fake, {"--a", "slow -x", "--b", "fast", "--b-name", "new", "--runs", "2", "--keep",
                    fake.file("kept"), "pair", "-q", "1"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.starts_with("A: A, 2 runs\nB: new, 2 runs\n"));
  CHECK(outcome.out.find("0.250") != std::string::npos);
  CHECK(outcome.out.find("nobody") == std::string::npos);
  CHECK(outcome.error ==
        "Note: 2 runs of each broker cannot show whether a difference is more than chance; that "
        "takes "
        "at least 4 (--runs 4).\n"
        "A 1/2: 1,000/s, 40.0 µs CPU per delivery, p50 2.51 ms, p99 4.98 ms\n"
        "new 1/2: 1,000/s, 10.0 µs CPU per delivery, p50 2.51 ms, p99 4.98 ms\n"
        "A 2/2: 1,000/s, 40.0 µs CPU per delivery, p50 2.51 ms, p99 4.98 ms\n"
        "new 2/2: 1,000/s, 10.0 µs CPU per delivery, p50 2.51 ms, p99 4.98 ms\n");
  const std::string kept = fake.file("kept");
  CHECK(fake.calls() ==
        std::vector<std::string>{"pair -q 1 --broker-cmd slow -x --json " + kept + "/a-1.json",
                                 "pair -q 1 --broker-cmd fast --json " + kept + "/b-1.json",
                                 "pair -q 1 --broker-cmd slow -x --json " + kept + "/a-2.json",
                                 "pair -q 1 --broker-cmd fast --json " + kept + "/b-2.json"});
  CHECK(result_from_json(*read_file(kept + "/b-2.json")));
}

TEST_CASE("enough runs are no reason for a warning") {
  const FakeScenario fake;
  for (const char* runs : {"3", "4"}) {
    const Outcome outcome = versus(fake, {"--a", "slow", "--b", "fast", "--runs", runs, "pair"});
    CHECK(outcome.error.starts_with("Note: 3 runs") == (runs[0] == '3'));
    CHECK((outcome.error.find("Note:") != std::string::npos) == (runs[0] == '3'));
  }
}

TEST_CASE("versus writes its comparison as a page") {
  const FakeScenario fake;
  const std::string file = fake.file("report.html");
  CHECK(versus(fake, {"--a", "slow", "--b", "fast", "--b-name", "new", "--runs", "2", "--report",
                      file, "pair"})
            .status == 0);
  const std::string html = read_file(file).value_or("");
  CHECK(html.starts_with("<!DOCTYPE html>"));
  CHECK(html.find("<h1>A (A) and new (B)</h1>") != std::string::npos);
  CHECK(html.find("with fewer than 4 runs on each side") != std::string::npos);
  SECTION("a file that cannot be written is an error") {
    const Outcome outcome = versus(fake, {"--a", "slow", "--b", "fast", "--runs", "1", "--report",
                                          fake.file("none/report.html"), "pair"});
    CHECK(outcome.status == 66);
    CHECK(outcome.error.find("cannot write") != std::string::npos);
  }
}

TEST_CASE("a place for the port is filled in, and the scenario is told") {
  const FakeScenario fake;
  versus(fake, {"--a", "slow -p {port} --again {port}", "--b", "fast", "--runs", "1", "pair"});
  const auto calls = fake.calls();
  REQUIRE(calls.size() == 2);
  const std::string prefix = "pair -p ";
  REQUIRE(calls[0].starts_with(prefix));
  const std::string port =
      calls[0].substr(prefix.size(), calls[0].find(' ', prefix.size()) - prefix.size());
  CHECK(std::stoul(port) > 1023);
  CHECK(calls[0].starts_with("pair -p " + port + " --broker-cmd slow -p " + port + " --again " +
                             port + " --json "));
  CHECK(calls[1].starts_with("pair --broker-cmd fast --json "));
  SECTION("no result is left behind") {
    const std::string json = calls[1].substr(calls[1].rfind(' ') + 1);
    CHECK_FALSE(std::filesystem::exists(std::filesystem::path(json).parent_path()));
  }
}

TEST_CASE("expected ratios and failed runs decide about the status") {
  const FakeScenario fake;
  const std::vector<std::string> end{"--runs", "1", "pair"};
  const auto status = [&](std::vector<std::string> words) {
    words.insert(words.end(), end.begin(), end.end());
    return versus(fake, std::move(words)).status;
  };
  CHECK(status({"--a", "slow", "--b", "fast", "--expect-ratio", "cpu/msg<=1/4"}) == 0);
  CHECK(status({"--a", "slow", "--b", "fast", "--expect-ratio", "cpu/msg<1/4"}) == 3);
  CHECK(status({"--a", "slow", "--b", "lossy"}) == 3);
}

TEST_CASE("a run without a result ends it, and is named") {
  const FakeScenario fake;
  const Outcome outcome = versus(fake, {"--a", "slow", "--b", "broken", "pair"});
  CHECK(outcome.status == 1);
  CHECK(
      outcome.error.find("Error: run 1 of B ended with status 7 and left no result: cannot read") !=
      std::string::npos);
  CHECK(fake.calls().size() == 2);
}

TEST_CASE("a signal is passed on to the run, and ends versus when that has ended") {
  const FakeScenario fake;
  // Ignored, so that it does not end the test program once versus takes it no longer.
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = [](int) {};
  sigaction(SIGTERM, &ignore, &before);
  const Outcome outcome = versus(fake, {"--a", "stopped", "--b", "fast", "pair"});
  sigaction(SIGTERM, &before, nullptr);
  CHECK(outcome.status == 128 + SIGTERM);
  CHECK(fake.calls().size() == 1);
}

TEST_CASE("what versus needs, and what it does not take, is said") {
  const FakeScenario fake;
  const auto error_of = [&](std::vector<std::string> words) {
    const Outcome outcome = versus(fake, std::move(words));
    CHECK(outcome.status == 1);
    return outcome.error.substr(0, outcome.error.find('\n'));
  };
  CHECK(error_of({"--a", "x", "pair"}) ==
        "Error: both --a and --b need a command that starts a broker.");
  CHECK(error_of({"--a", "x", "--b", "y"}) == "Error: a scenario must follow, such as \"pair\".");
  CHECK(error_of({"--a", "x", "--b", "y", "pair", "--json=z"})
            .starts_with("Error: --json belongs before the scenario"));
  CHECK(error_of({"--a", "x", "--b", "y", "pair", "--report", "z"})
            .starts_with("Error: --report belongs before the scenario"));
  CHECK(error_of({"--a", "x", "--b", "y", "pair", "--broker-pid", "1"})
            .starts_with("Error: --broker-pid is not for the scenario here"));
  CHECK(error_of({"--a", "x", "--b", "y", "--rnus", "3", "pair"})
            .starts_with("Error: unknown option '--rnus', did you mean \"--runs\"?"));
  CHECK(error_of({"--a", "x", "--b", "y", "--runs", "0", "pair"}).starts_with("Error: --runs: "));
  CHECK(fake.calls().empty());
}

}  // namespace bench
