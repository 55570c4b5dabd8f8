#include "auth/acl_rules.h"

#include <algorithm>

#include "mqtt/protocol/topic.h"

namespace broker {
namespace {

using Grant = AclTree::Grant;

constexpr std::string_view white_space = " \t\n\v\f\r";

std::string_view without_trailing_space(std::string_view text) {
  return text.substr(0, text.find_last_not_of(white_space) + 1);
}

std::string_view skip(std::string_view text, std::string_view blanks) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

std::string_view skip_spaces(std::string_view text) {
  return skip(text, " ");
}

/// Takes the word at the beginning, which only a space ends, and the spaces behind it.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text = skip_spaces(text.substr(word.size()));
  return word;
}

std::optional<Grant> grant_of(std::string_view word) {
  if (word == "read") return Grant::read;
  if (word == "write") return Grant::write;
  if (word == "readwrite") return Grant::read_and_write;
  if (word == "deny") return Grant::deny;
  return std::nullopt;
}

struct Entry {
  Grant grant = Grant::read_and_write;
  std::string_view filter;
};

/// What follows `topic` or `pattern`: one word is a filter, several begin with the access.
tl::expected<Entry, std::string> parse_entry(std::string_view rest) {
  if (rest.empty()) return tl::unexpected(std::string("a topic filter is missing"));
  std::string_view behind = rest;
  const std::string_view first = take_word(behind);
  Entry entry{Grant::read_and_write, first};
  if (!behind.empty()) {
    const auto grant = grant_of(first);
    if (!grant) {
      return tl::unexpected(std::string("the access must be read, write, readwrite or deny"));
    }
    entry = {*grant, skip(behind, white_space)};
  }
  if (!mqtt::TopicFilter::parse(entry.filter)) {
    return tl::unexpected(std::string("this is no valid topic filter"));
  }
  return entry;
}

bool has_substitution(std::string_view filter) {
  for (std::string_view rest = filter; rest.data() != nullptr;) {
    const std::string_view level = mqtt::next_level(rest);
    if (level == "%c" || level == "%u") return true;
  }
  return false;
}

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
  std::string take(std::string_view line, std::size_t number) {
    if (line.starts_with('#')) return {};
    std::string_view rest = skip_spaces(without_trailing_space(line));
    if (rest.empty()) return {};
    const std::string_view keyword = take_word(rest);
    if (keyword == "user") return begin_section(rest);
    const bool is_pattern = keyword == "pattern";
    if (is_pattern || keyword == "topic") return add(rest, number, is_pattern);
    if (keyword.starts_with('#'))
      return "the # of a comment must be the first character of its line";
    if (keyword.find('\t') != std::string_view::npos)
      return "only spaces separate, and here is a TAB";
    return "a line begins with topic, pattern, user or #";
  }

 private:
  std::string begin_section(std::string_view rest) {
    const std::string_view name = skip(rest, white_space);
    if (name.empty()) return "a user name is missing";
    section_ = &rules_.users_[std::string(name)];
    return {};
  }

  std::string add(std::string_view rest, std::size_t number, bool is_pattern) {
    const auto entry = parse_entry(rest);
    if (!entry) return entry.error();
    if (is_pattern && !has_substitution(entry->filter)) {
      rules_.warnings_.push_back({number, "a pattern without %c or %u is the same for everyone"});
    }
    AclTree& tree = is_pattern ? rules_.patterns_ : *section_;
    tree.add(entry->filter, entry->grant, static_cast<std::uint32_t>(number), is_pattern);
    if (is_pattern) rules_.has_patterns_ = true;
    return {};
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
