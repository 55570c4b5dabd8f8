#include "cli/output/json_members.h"

#include <nlohmann/json.hpp>

#include "cli/output/json_copy.h"

namespace cli {

namespace {

constexpr std::string_view blanks = " \t\r\n";

/// Walks over a text that is known to be JSON: what stands where need not be checked again.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  /// The character at the next token.
  char peek() {
    text_.remove_prefix(std::min(text_.find_first_not_of(blanks), text_.size()));
    return text_.empty() ? '\0' : text_.front();
  }
  void skip() { text_.remove_prefix(1); }

  std::string_view take_value() {
    const char first = peek();
    if (first == '"') return take_string();
    if (first == '{' || first == '[') return take_nested();
    return take(std::min(text_.find_first_of(",}] \t\r\n"), text_.size()));
  }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view taken = text_.substr(0, size);
    text_.remove_prefix(size);
    return taken;
  }

  /// The size of the string that begins at `begin`, with its quotes.
  std::size_t string_size(std::size_t begin) const {
    std::size_t at = begin + 1;
    while (text_[at] != '"') at += text_[at] == '\\' ? 2U : 1U;
    return at + 1 - begin;
  }
  std::string_view take_string() { return take(string_size(0)); }

  std::string_view take_nested() {
    std::size_t depth = 0;
    std::size_t at = 0;
    do {
      const char c = text_[at];
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      at += c == '"' ? string_size(at) : std::size_t{1};
    } while (depth > 0);
    return take(at);
  }

  std::string_view text_;
};

std::string characters_of(std::string_view string) {
  return nlohmann::json::parse(string).get<std::string>();
}

}  // namespace

std::optional<std::vector<JsonMember>> json_members(std::string_view text) {
  Walker walker(text);
  if (walker.peek() != '{' || !is_json(text)) return std::nullopt;
  walker.skip();
  std::vector<JsonMember> members;
  while (walker.peek() != '}') {
    JsonMember member;
    member.name = characters_of(walker.take_value());
    walker.peek();
    walker.skip();  // the colon
    const std::string_view value = walker.take_value();
    member.is_string = value.front() == '"';
    member.text = member.is_string ? characters_of(value) : std::string(value);
    members.push_back(std::move(member));
    if (walker.peek() == ',') walker.skip();
  }
  return members;
}

}  // namespace cli
