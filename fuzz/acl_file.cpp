// The ACL file: whatever it holds, it is rules or errors with their lines; and rules deny what they
// say they deny, whatever is asked. The topics that are asked about are the lines themselves.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "access/files/acl_rules.h"
#include "mqtt/protocol/topic.h"

namespace {

using broker::Access;
using broker::AclRules;

void require(bool condition) {
  if (!condition) std::abort();
}

void ask(const AclRules& rules, std::string_view topic, std::size_t lines) {
  if (!mqtt::TopicName::parse(topic)) return;
  for (const std::string_view user : {std::string_view(), std::string_view("bob"), topic}) {
    for (const Access access : {Access::publish, Access::receive}) {
      const AclRules::Decision decision = rules.decide({"client", user}, topic, access);
      const bool by_rule = decision.reason == AclRules::Decision::Reason::rule;
      require(by_rule || !decision.allowed);
      require(by_rule ? decision.line >= 1 && decision.line <= lines : decision.line == 0);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rules = AclRules::parse("acl", text);
  if (!rules) {
    require(!rules.error().empty());
    for (const mqtt::LineNote& error : rules.error())
      require(error.line >= 1 && !error.text.empty());
    return 0;
  }
  std::size_t lines = 0;
  for (mqtt::LineReader reader(text); reader.next();) ++lines;
  mqtt::LineReader reader(text);
  while (const auto line = reader.next()) {
    ask(*rules, *line, lines);
    ask(*rules, line->substr(line->rfind(' ') + 1), lines);
  }
  return 0;
}
