#include "access/files/acl_rules.h"

#include <optional>
#include <utility>

#include "access/files/acl_line.h"
#include "mqtt/protocol/topic.h"

namespace broker {
namespace {

bool holds_wildcard(std::string_view name) {
  return name.find_first_of("+#") != std::string_view::npos;
}

/// Topics under which the broker alone publishes, and filters of share groups, which are no topics.
bool is_reserved(std::string_view topic, Access access) {
  if (!topic.starts_with('$')) return false;
  if (topic.starts_with("$share")) return true;
  return access == Access::publish && topic.starts_with("$SYS") &&
         !mqtt::matches("$SYS/broker/connection/+/state", topic);
}

}  // namespace

/// Reads line after line into `rules_`.
class AclRules::Parser {
 public:
  explicit Parser(AclRules& rules) : rules_(rules), section_(&rules.anonymous_) {}

  /// What is wrong with the line; empty: nothing.
  std::string take(std::string_view text, std::size_t number) {
    const auto line = parse_acl_line(text);
    if (!line) return line.error();
    for (const std::string& warning : line->warnings) rules_.warnings_.push_back({number, warning});
    if (line->kind == AclLine::Kind::user) section_ = &rules_.users_[std::string(line->user)];
    if (line->kind == AclLine::Kind::topic) add(*section_, *line, number, false);
    if (line->kind == AclLine::Kind::pattern) {
      add(rules_.patterns_, *line, number, true);
      rules_.has_patterns_ = true;
    }
    return {};
  }

 private:
  static void add(AclTree& tree, const AclLine& line, std::size_t number, bool substituted) {
    tree.add(line.filter, line.grant, static_cast<std::uint32_t>(number), substituted);
  }

  AclRules& rules_;
  AclTree* section_;
};

tl::expected<AclRules, std::vector<mqtt::LineNote>> AclRules::parse(std::string path,
                                                                    std::string_view text) {
  AclRules rules;
  rules.path_ = std::move(path);
  std::vector<mqtt::LineNote> errors;
  Parser parser(rules);
  mqtt::LineReader lines(text);
  while (const auto line = lines.next()) {
    std::string error = parser.take(*line, lines.number());
    if (!error.empty()) errors.push_back({lines.number(), std::move(error)});
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return rules;
}

const AclTree* AclRules::section_of(std::string_view user_name) const {
  if (user_name.empty()) return &anonymous_;
  const auto position = users_.find(user_name);
  return position == users_.end() ? nullptr : &position->second;
}

AclRules::Decision AclRules::decide(const AclTree::Subject& subject, std::string_view topic,
                                    Access access) const {
  using Reason = Decision::Reason;
  if (access == Access::subscribe || access == Access::unsubscribe) return {true, Reason::rule, 0};
  if (is_reserved(topic, access)) return {false, Reason::reserved, 0};
  const auto answer = [access](const AclTree::Found& found) -> std::optional<Decision> {
    if (found.deny != 0) return Decision{false, Reason::rule, found.deny};
    const std::uint32_t line = access == Access::receive ? found.read : found.write;
    if (line != 0) return Decision{true, Reason::rule, line};
    return std::nullopt;
  };
  if (const AclTree* section = section_of(subject.user_name)) {
    if (const auto decision = answer(section->find(topic, subject))) return *decision;
  }
  if (!has_patterns_) return {false, Reason::no_rule, 0};
  if (holds_wildcard(subject.client_id) || holds_wildcard(subject.user_name)) {
    return {false, Reason::unsafe_name, 0};
  }
  return answer(patterns_.find(topic, subject)).value_or(Decision{false, Reason::no_rule, 0});
}

}  // namespace broker
