#include "access/files/acl_authoriser.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runtime/worker.h"
#include "support/manual_clock.h"
#include "support/scratch_folder.h"

using broker::Access;
using broker::AccessFiles;
using broker::Verdict;

namespace {

/// An authoriser with ACL files in a folder, and a log that can be read.
struct Rules {
  explicit Rules(const std::string& text) : authoriser(files(text), log) {
    broker::LogSettings settings;
    settings.to_stderr = false;
    settings.timestamp = false;
    settings.file = log_file;
    log.configure(settings);
  }

  /// Of the first listener; the second has none.
  std::shared_ptr<const AccessFiles> files(const std::string& text) {
    broker::Config config;
    config.per_listener_settings = true;
    config.listeners.resize(2);
    config.listeners[0].acl_file = folder.file("acl", text);
    std::vector<broker::ConfigNote> notes;
    return *AccessFiles::load(config, notes);
  }

  Verdict ask(std::string_view client, std::string_view user, std::string_view topic,
              Access access = Access::publish, std::uint16_t listener = 0) {
    const auto no_answer = []() -> broker::Authoriser::Answer {
      FAIL("a file needs no time");
      return {};
    };
    return authoriser.authorise({worker, {client, user, listener}, topic, access}, no_answer);
  }

  std::vector<std::string> log_lines() const {
    std::ifstream file(log_file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  test::ScratchFolder folder;
  const std::string log_file = (folder.path() / "log").string();
  broker::Log log;
  test::ManualClock clock;
  broker::Worker worker{0, clock};
  broker::AclAuthoriser authoriser;
};

}  // namespace

TEST_CASE("what was decided is decided again, for that client, topic and access alone") {
  Rules rules("topic write a\nuser u\ntopic b\npattern read %c\n");
  for (int i = 0; i < 2; ++i) {
    CHECK(rules.ask("c", "", "a") == Verdict::allow);
    CHECK(rules.ask("c", "", "a", Access::receive) == Verdict::deny);
    CHECK(rules.ask("c", "", "b") == Verdict::deny);
    CHECK(rules.ask("c", "u", "b") == Verdict::allow);
    CHECK(rules.ask("c", "u", "a") == Verdict::deny);
    CHECK(rules.ask("c", "", "c", Access::receive) == Verdict::allow);
    CHECK(rules.ask("d", "", "c", Access::receive) == Verdict::deny);
  }
  SECTION("names that are the same text in a row are not the same names") {
    CHECK(rules.ask("cu", "", "b") == Verdict::deny);
    CHECK(rules.ask("c", "u", "b") == Verdict::allow);
    CHECK(rules.ask("", "cu", "b") == Verdict::deny);
  }
  SECTION("a topic of any length is decided") {
    const std::string long_topic(5000, 'x');
    CHECK(rules.ask("c", "", long_topic) == Verdict::deny);
    CHECK(rules.ask(long_topic, "", long_topic, Access::receive) == Verdict::allow);
    CHECK(rules.ask("c", "", long_topic) == Verdict::deny);
  }
  SECTION("where there is no file, and for filters, everything is allowed") {
    CHECK(rules.ask("c", "", "b", Access::publish, 1) == Verdict::allow);
    CHECK(rules.ask("c", "", "b") == Verdict::deny);
    CHECK(rules.ask("c", "", "#", Access::subscribe) == Verdict::allow);
  }
  SECTION("until the rules change") {
    rules.authoriser.use(rules.files("topic b\n"));
    CHECK(rules.ask("c", "", "a") == Verdict::deny);
    CHECK(rules.ask("c", "", "b") == Verdict::allow);
  }
}

TEST_CASE("more topics than slots are decided correctly") {
  Rules rules("topic write even/#\n");
  for (int round = 0; round < 2; ++round) {
    int wrong = 0;
    for (int i = 0; i < 20000; ++i) {
      const std::string topic = (i % 2 == 0 ? "even/" : "odd/") + std::to_string(i);
      const Verdict right = i % 2 == 0 ? Verdict::allow : Verdict::deny;
      if (rules.ask("c", "", topic) != right) ++wrong;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("a denial is logged with the rule, at a rate that a log can take") {
  Rules rules("topic #\ntopic deny secret/#\nuser bob\n");
  rules.ask("c", "", "secret/1");
  rules.ask("c", "bob", "a", Access::receive);
  const std::string acl = (rules.folder.path() / "acl").string();
  CHECK(rules.log_lines() ==
        std::vector<std::string>{"Denied: client c may not publish to secret/1: " + acl + ":2.",
                                 "Denied: client c (user bob) may not receive from a: no rule of " +
                                     acl + " allows it."});
  SECTION("the same again is not news") {
    rules.ask("c", "", "secret/1");
    CHECK(rules.log_lines().size() == 2);
  }
  SECTION("what is left out is counted") {
    for (int i = 2; i < 50; ++i) rules.ask("c", "", "secret/" + std::to_string(i));
    CHECK(rules.log_lines().size() == 10);
    rules.clock.advance(std::chrono::seconds(2));
    rules.ask("c", "", "secret/50");
    const auto lines = rules.log_lines();
    REQUIRE(lines.size() == 12);
    CHECK(lines[10] == "40 more denials were not logged.");
    CHECK(lines[11].find("secret/50") != std::string::npos);
  }
}
