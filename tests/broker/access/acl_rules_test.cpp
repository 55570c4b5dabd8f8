#include "access/files/acl_rules.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "mqtt/protocol/topic.h"

using broker::Access;
using broker::AclRules;

namespace {

AclRules rules(const std::string& text) {
  auto parsed = AclRules::parse("acl", text);
  if (!parsed) FAIL(parsed.error().front().text);
  return std::move(*parsed);
}

struct Asked {
  std::string user;
  std::string topic;
  std::string client = "client";
};

AclRules::Decision decision(const AclRules& of, const Asked& asked, Access access) {
  return of.decide({asked.client, asked.user}, asked.topic, access);
}

/// "r", "w", "rw" or "-".
std::string rights(const AclRules& of, const Asked& asked) {
  std::string text;
  if (decision(of, asked, Access::receive).allowed) text += 'r';
  if (decision(of, asked, Access::publish).allowed) text += 'w';
  return text.empty() ? "-" : text;
}

std::vector<std::size_t> error_lines(const std::string& text) {
  const auto parsed = AclRules::parse("acl", text);
  std::vector<std::size_t> lines;
  if (!parsed) {
    for (const auto& error : parsed.error()) lines.push_back(error.line);
  }
  return lines;
}

using Lines = std::vector<std::size_t>;

std::string error_of(const std::string& text) {
  const auto parsed = AclRules::parse("acl", text);
  return parsed ? std::string() : parsed.error().front().text;
}

std::string warning_of(const std::string& text) {
  const AclRules of = rules(text);
  return of.warnings().empty() ? std::string() : of.warnings().front().text;
}

}  // namespace

TEST_CASE("an ACL file without rules allows nothing") {
  const AclRules none = rules("# nothing\n\n   \n\t\n");
  CHECK(rights(none, {"", "a"}) == "-");
  CHECK(rights(none, {"bob", "a"}) == "-");
  SECTION("but subscribing: what counts is what may be received") {
    CHECK(decision(none, {"", "#"}, Access::subscribe).allowed);
    CHECK(decision(none, {"", "#"}, Access::unsubscribe).allowed);
  }
}

TEST_CASE("entries belong to the user above them, or to clients without a name") {
  const AclRules both = rules(
      "topic read news\n"
      "user bob\n"
      "topic a/#\n"
      "user alice smith  \r\n"
      "topic write a/x\n"
      "user bob\n"
      "topic read b\n");
  CHECK(rights(both, {"", "news"}) == "r");
  CHECK(rights(both, {"bob", "news"}) == "-");
  CHECK(rights(both, {"bob", "a/x/y"}) == "rw");
  CHECK(rights(both, {"bob", "a"}) == "rw");
  CHECK(rights(both, {"bob", "b"}) == "r");
  CHECK(rights(both, {"alice smith", "a/x"}) == "w");
  CHECK(rights(both, {"alice", "a/x"}) == "-");
  CHECK(rights(both, {"", "a/x"}) == "-");
}

TEST_CASE("how a line of an ACL file is read") {
  SECTION("one word is a filter, even if it is also an access word") {
    CHECK(rights(rules("topic read"), {"", "read"}) == "rw");
    CHECK(rights(rules("topic readwrite a"), {"", "a"}) == "rw");
  }
  SECTION("a filter may hold blanks, behind an access word") {
    CHECK(rights(rules("topic read a b/c  "), {"", "a b/c"}) == "r");
    CHECK(error_lines("topic a b\n") == Lines{1});
  }
  SECTION("spaces may stand first and between, a TAB may not") {
    CHECK(rights(rules("   topic   read   a\n"), {"", "a"}) == "r");
    CHECK(error_lines("\ttopic a\ntopic\ta\n") == Lines{1, 2});
  }
  SECTION("white space at the end does not count, whatever it is") {
    CHECK(rights(rules("topic read a \t\r\n"), {"", "a"}) == "r");
  }
  SECTION("a comment begins the line") {
    CHECK(error_lines("# fine\n # not\n") == Lines{2});
  }
  SECTION("all errors are told") {
    CHECK(error_lines(
              "topic\npattern\nuser\nTopic a\ntopic all a\ntopic a/#/b\ntopic a+\nallow a\n") ==
          Lines{1, 2, 3, 4, 5, 6, 7, 8});
  }
  SECTION("what was found is quoted, with what was most likely meant") {
    CHECK(error_of("topic reed a/b") ==
          "unknown access \"reed\": expected read, write, readwrite or deny before a filter of "
          "several words; did you mean \"read\"?");
    CHECK(error_of("tpoic read a") ==
          "unknown keyword \"tpoic\": expected topic, pattern, user or #; did you mean "
          "\"topic\"?");
    CHECK(error_of("topic a/#/b") == "invalid topic filter \"a/#/b\": # must be its last level");
    CHECK(error_of("topic a+/b") == "invalid topic filter \"a+/b\": + and # must be a whole level");
    CHECK(error_of("topic\tread\x1b a") ==
          "keyword and value are separated by a TAB; only spaces separate them");
    CHECK(error_of("top\x1b[31m a").find('\x1b') == std::string::npos);
  }
  SECTION("a filter has limits") {
    CHECK(error_lines("topic " + std::string(201, '/')) == Lines{1});
    CHECK(error_lines("topic " + std::string(200, '/')).empty());
    CHECK(error_lines("topic " + std::string(65536, 'a')) == Lines{1});
  }
}

TEST_CASE("a filter that no topic can match is taken, with a warning") {
  const std::string line = GENERATE("topic deny $share/#", "topic $share",
                                    "topic readwrite $share/+/x", "topic read caf\xe9/#",
                                    "topic a\x01"
                                    "b",
                                    "topic read a\tb", "pattern write \xff/%u");
  INFO(line);
  CHECK_THAT(warning_of(line), Catch::Contains("so this entry has no effect"));
  SECTION("and the others hold") {
    const AclRules of = rules(line + "\ntopic readwrite a/#\n");
    CHECK(rights(of, {"", "a/b"}) == "rw");
    CHECK(rights(of, {"", "b"}) == "-");
  }
}

TEST_CASE("a line that most likely does something else than was meant is taken, with a warning") {
  using Catch::Contains;
  CHECK_THAT(warning_of("topic read write foo/#"),
             Contains("\"write foo/#\" is taken as the topic filter"));
  CHECK_THAT(warning_of("topic read"), Contains("\"read\" is taken as the topic filter"));
  CHECK_THAT(warning_of("pattern read x/%c%u"), Contains("\"%c%u\" is taken as it is written"));
  CHECK_THAT(warning_of("pattern read x/%c/y%u"), Contains("\"y%u\""));
  CHECK_THAT(warning_of("topic read x/%u"), Contains("in pattern lines only"));
  CHECK_THAT(warning_of("pattern read x"), Contains("the same for everyone"));
  SECTION("but not one that is as usual") {
    const std::string line =
        GENERATE("topic a", "topic read a b", "topic readwrite $SYS/#", "pattern read x/%c/%u",
                 "topic deny #", "topic read caf\xc3\xa9");
    INFO(line);
    CHECK(warning_of(line).empty());
  }
}

TEST_CASE("what denies goes before what allows, wherever it stands") {
  const AclRules of = rules("topic a/#\ntopic deny a/secret\ntopic readwrite a/secret\n");
  CHECK(rights(of, {"", "a/open"}) == "rw");
  CHECK(rights(of, {"", "a/secret"}) == "-");
  SECTION("and the rule that decided is named") {
    const auto denied = decision(of, {"", "a/secret"}, Access::publish);
    CHECK(denied.reason == AclRules::Decision::Reason::rule);
    CHECK(denied.line == 2);
    CHECK(decision(of, {"", "a/open"}, Access::publish).line == 1);
    CHECK(decision(of, {"", "b"}, Access::publish).reason == AclRules::Decision::Reason::no_rule);
  }
}

TEST_CASE("an entry that lacks the right in question decides nothing") {
  const AclRules of = rules("topic read a/+\ntopic write a/b\n");
  CHECK(rights(of, {"", "a/b"}) == "rw");
  CHECK(rights(of, {"", "a/c"}) == "r");
}

TEST_CASE("patterns hold for everyone") {
  const AclRules of = rules(
      "user bob\n"
      "topic deny dev/bob/off\n"
      "pattern write dev/%u/#\n"
      "pattern read id/%c\n"
      "pattern lit/x%u\n");
  CHECK(rights(of, {"bob", "dev/bob/on"}) == "w");
  CHECK(rights(of, {"bob", "dev/bob/off"}) == "-");
  CHECK(rights(of, {"bob", "dev/alice/on"}) == "-");
  CHECK(rights(of, {"", "id/client"}) == "r");
  CHECK(rights(of, {"bob", "id/other"}) == "-");
  SECTION("only a whole level is replaced") {
    CHECK(rights(of, {"bob", "lit/xbob"}) == "-");
    CHECK(rights(of, {"bob", "lit/x%u"}) == "rw");
  }
  SECTION("who has no name is no name") {
    CHECK(rights(of, {"", "dev//on"}) == "-");
    CHECK(rights(of, {"", "dev/%u/on"}) == "-");
  }
  SECTION("a value of several levels fits none") {
    CHECK(rights(of, {"a/b", "dev/a/b/on"}) == "-");
    CHECK(rights(of, {"", "id/a/b", "a/b"}) == "-");
  }
  SECTION("a value that could be a wildcard is trusted with nothing") {
    CHECK(rights(of, {"+", "dev/+/x"}) == "-");
    CHECK(rights(of, {"", "id/#", "#"}) == "-");
    CHECK(decision(of, {"a+", "dev/a/x"}, Access::publish).reason ==
          AclRules::Decision::Reason::unsafe_name);
  }
  SECTION("patterns that deny go before those that allow") {
    const AclRules denying = rules("pattern %c/#\npattern deny %c/off\npattern #\n");
    CHECK(rights(denying, {"", "client/on"}) == "rw");
    CHECK(rights(denying, {"", "client/off"}) == "-");
    CHECK(rights(denying, {"", "other"}) == "rw");
  }
  SECTION("one that is the same for everyone is worth a word") {
    CHECK(rules("pattern read news\n").warnings().size() == 1);
    CHECK(rights(rules("pattern read news\n"), {"bob", "news"}) == "r");
    CHECK(rules("pattern read %c\n").warnings().empty());
  }
}

TEST_CASE("the substitutions mean nothing in entries of a user") {
  CHECK(rights(rules("topic %c/x\n"), {"", "client/x"}) == "-");
  CHECK(rights(rules("topic %c/x\n"), {"", "%c/x"}) == "rw");
}

TEST_CASE("topics that begin with a dollar sign are a world of their own") {
  const AclRules of =
      rules("topic #\ntopic +/x\npattern %c/y\ntopic read $SYS/#\ntopic $other/#\n");
  CHECK(rights(of, {"", "$odd/x"}) == "-");
  CHECK(rights(of, {"", "$other/x"}) == "rw");
  CHECK(rights(of, {"", "$SYS/broker/uptime"}) == "r");
  CHECK(rights(of, {"", "$c/y", "$c"}) == "-");
  SECTION("what the broker says nobody else says") {
    const AclRules all = rules("topic $SYS/#\ntopic $share/g/#\n");
    CHECK(decision(all, {"", "$SYS/x"}, Access::publish).reason ==
          AclRules::Decision::Reason::reserved);
    CHECK(rights(all, {"", "$SYS/broker/connection/b/state"}) == "rw");
    CHECK(rights(all, {"", "$share/g/x"}) == "-");
  }
}

TEST_CASE("empty levels are levels") {
  const AclRules of = rules("topic read /a\ntopic read b/\ntopic read c/+\n");
  CHECK(rights(of, {"", "/a"}) == "r");
  CHECK(rights(of, {"", "a"}) == "-");
  CHECK(rights(of, {"", "b/"}) == "r");
  CHECK(rights(of, {"", "b"}) == "-");
  CHECK(rights(of, {"", "c/"}) == "r");
}

TEST_CASE("the tree says what comparing filter by filter says") {
  std::mt19937 random(7);  // NOLINT: the same walk every time
  const auto pick = [&](std::size_t count) { return random() % count; };
  const std::vector<std::string> levels{"a", "b", "+", "#", "", "$x"};
  const auto filter = [&](std::size_t kinds) {
    std::string text = levels[pick(kinds)];
    for (std::size_t i = pick(3); i > 0 && !text.ends_with('#'); --i)
      text += "/" + levels[pick(kinds)];
    return text.empty() ? std::string("a") : text;
  };
  for (int round = 0; round < 300; ++round) {
    const std::vector<std::string> grants{"read", "write", "readwrite", "deny"};
    std::vector<std::pair<std::string, std::string>> entries;
    std::string text;
    for (std::size_t i = pick(6); i > 0; --i) {
      std::string of = filter(levels.size());
      if (!mqtt::TopicFilter::parse(of)) continue;
      entries.emplace_back(grants[pick(4)], of);
      text += "topic " + entries.back().first + " " + entries.back().second + "\n";
    }
    const AclRules tree = rules(text);
    for (int i = 0; i < 20; ++i) {
      std::string topic;
      do topic = filter(levels.size());
      while (!mqtt::TopicName::parse(topic));
      bool deny = false;
      bool read = false;
      bool write = false;
      for (const auto& [grant, of] : entries) {
        if (!mqtt::matches(of, topic)) continue;
        deny = deny || grant == "deny";
        read = read || grant.starts_with("read");
        write = write || grant.ends_with("write");
      }
      CAPTURE(text, topic);
      CHECK(decision(tree, {"", topic}, Access::receive).allowed == (read && !deny));
      CHECK(decision(tree, {"", topic}, Access::publish).allowed == (write && !deny));
    }
  }
}
