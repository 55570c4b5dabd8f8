#include "bench/compare_command.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/bench/samples/captured_output.h"
#include "apps/bench/samples/folder.h"
#include "apps/bench/samples/sample_result.h"
#include "bench/report/json.h"
#include "bench/report/text_file.h"

namespace bench {
namespace {

struct Outcome {
  int status = 0;
  std::string out;
  std::string error;
};

Outcome compare_with(std::vector<std::string> words) {
  samples::CapturedOutput out(stdout);
  samples::CapturedOutput error(stderr);
  const int status = run_compare(std::move(words));
  return {status, out.text(), error.text()};
}

std::string stored(const samples::Folder& folder, const char* name, double cpu_seconds) {
  Result result = samples::pair_result();
  result.broker->user = Seconds(cpu_seconds);
  result.broker->system = Seconds(0);
  const std::string path = folder.file(name);
  REQUIRE(write_file(path, to_json(result)));
  return path;
}

}  // namespace

TEST_CASE("two results are compared") {
  const samples::Folder folder;
  const std::string a = stored(folder, "a.json", 0.2);
  const std::string b = stored(folder, "b.json", 0.05);
  const Outcome outcome = compare_with({a, b});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.starts_with("A: " + a + ", 1 run\nB: " + b + ", 1 run\n"));
  CHECK(outcome.out.find("0.250") != std::string::npos);

  SECTION("a ratio that was expected decides about the status") {
    CHECK(compare_with({a, b, "--expect-ratio", "cpu/msg<=1/4", "rate=1"}).status == 0);
    CHECK(compare_with({a, b, "--expect-ratio", "cpu/msg<=1/4", "rate>1"}).status == 3);
  }
  SECTION("on stdout the JSON stands alone") {
    const Outcome json = compare_with({"--json", "-", "--a-name", "old", a, b});
    CHECK(nlohmann::json::parse(json.out)["a"]["name"] == "old");
    CHECK(json.error.starts_with("A: old, 1 run\n"));
  }
}

TEST_CASE("several results may stand behind each side") {
  const samples::Folder folder;
  std::vector<std::string> words{"--a"};
  for (const double cpu : {1.0, 1.1, 1.2, 1.3}) {
    words.push_back(stored(folder, std::to_string(cpu).c_str(), cpu));
  }
  words.push_back("--b");
  for (const double cpu : {2.0, 2.1, 2.2, 2.3}) {
    words.push_back(stored(folder, std::to_string(cpu).c_str(), cpu));
  }
  const Outcome outcome = compare_with(words);
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find(", 4 runs") != std::string::npos);
  CHECK(outcome.out.find("worse") != std::string::npos);
}

TEST_CASE("wrong command lines and files are explained") {
  const samples::Folder folder;
  const std::string a = stored(folder, "a.json", 0.2);
  const auto error_of = [](std::vector<std::string> words) {
    const Outcome outcome = compare_with(std::move(words));
    CHECK(outcome.status == 1);
    return outcome.error.substr(0, outcome.error.find('\n'));
  };
  CHECK(error_of({}) == "Error: a file is needed for each of the two sides.");
  CHECK(error_of({a}) == "Error: a file is needed for each of the two sides.");
  CHECK(error_of({a, a, a}).starts_with("Error: more than two files need sides"));
  CHECK(error_of({a, "--a", a, "--b", a}) ==
        "Error: \"" + a + "\" belongs to no side: put it after --a or --b.");
  CHECK(error_of({a, a, "--jsno", "x"})
            .starts_with("Error: unknown option '--jsno', did you mean \"--json\"?"));
  CHECK(error_of({a, a, "--expect-ratio", "p99<5ms"}) ==
        "Error: --expect-ratio \"p99<5ms\", column 6: nothing more is expected, not \"ms\".");
  CHECK(error_of({a, folder.file("none")}) ==
        "Error: cannot read \"" + folder.file("none") + "\": No such file or directory.");
  const std::string wrong = folder.file("wrong.json");
  REQUIRE(write_file(wrong, "{}"));
  CHECK(error_of({a, wrong}) == "Error: \"" + wrong + "\": not a result of mqtt-bench.");
}

}  // namespace bench
