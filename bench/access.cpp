// What a decision about a topic costs: by the rules of ACL files of several sizes, and remembered.

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/files/acl_authoriser.h"
#include "measure.h"
#include "runtime/worker.h"

namespace {

using namespace broker;

void print(std::string_view what, double ns) {
  fmt::print("{:<66}{:>10.1f} ns\n", what, ns);
}

void expect(bool right) {
  if (right) return;
  fmt::print(stderr, "a wrong answer was measured\n");
  std::exit(1);
}

std::string file_with(std::size_t users, std::size_t entries) {
  std::string text = "pattern write devices/%c/state\npattern read devices/%c/command\n";
  for (std::size_t user = 0; user < users; ++user) {
    text += fmt::format("user user{}\n", user);
    for (std::size_t i = 0; i < entries; ++i)
      text += fmt::format("topic read site/{}/+/temperature\n", i);
    text += "topic deny site/0/secret/temperature\n";
  }
  return text;
}

void measure_rules(std::size_t users, std::size_t entries) {
  const AclRules rules = *AclRules::parse("acl", file_with(users, entries));
  const std::string user = fmt::format("user{}", users / 2);
  const std::string topic = fmt::format("site/{}/device17/temperature", entries / 2);
  const std::string kind = fmt::format("{} users with {} entries", users, entries);
  expect(rules.decide({"c", user}, topic, Access::receive).allowed);
  print("decide, " + kind, bench::nanoseconds_per_call([&] {
          bench::keep(rules.decide({"c", user}, topic, Access::receive));
        }));
  expect(rules.decide({"c17", "nobody"}, "devices/c17/state", Access::publish).allowed);
  print("decide by a pattern, " + kind, bench::nanoseconds_per_call([&] {
          bench::keep(rules.decide({"c17", "nobody"}, "devices/c17/state", Access::publish));
        }));
}

void measure_remembered() {
  std::string path = "/tmp/bench-access-XXXXXX";
  const int descriptor = mkstemp(path.data());
  expect(descriptor >= 0);
  std::ofstream(path) << file_with(100, 100);
  Config config;
  config.listeners.resize(1);
  config.acl_file = path;
  std::vector<ConfigNote> notes;
  auto files = AccessFiles::load(config, notes);
  std::remove(path.c_str());
  expect(files.has_value());

  SystemClock clock;
  Worker worker(0, clock);
  Log log;
  AclAuthoriser authoriser(*files, log);
  const auto no_answer = []() -> Authoriser::Answer { return {}; };
  for (const std::size_t count : {1U, 1000U, 100000U}) {
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < count; ++i) {
      topics.push_back(fmt::format("site/{}/device{}/temperature", i % 100, i));
    }
    std::size_t at = 0;
    print(fmt::format("authorise, one client in turns on {} topics", count),
          bench::nanoseconds_per_call([&] {
            const AccessRequest request{worker, {"client", "user50"}, topics[at], Access::receive};
            at = at + 1 == count ? 0 : at + 1;
            expect(authoriser.authorise(request, no_answer) == Verdict::allow);
          }));
  }
}

}  // namespace

int main() {
  measure_rules(1, 3);
  measure_rules(100, 100);
  measure_rules(10, 10000);
  measure_remembered();
}
