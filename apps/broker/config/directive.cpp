#include "config/directive.h"
#include "spelling/nearest_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace broker {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end != 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// By how other programs write a boolean.
std::string_view nearest_boolean(std::string_view found) {
  constexpr std::size_t words_of_yes = 4;
  constexpr std::array<std::string_view, 8> words{"true",  "yes", "on",  "enabled",
                                                  "false", "no",  "off", "disabled"};
  if (found.size() < 2) return {};
  const std::string_view nearest = spelling::nearest_word(found, words);
  const auto index = static_cast<std::size_t>(std::ranges::find(words, nearest) - words.begin());
  if (index == words.size()) return {};
  return index < words_of_yes ? "true" : "false";
}

std::string integer_range(const Bounds& bounds) {
  const std::string range = fmt::format("a whole number from {} to {}", bounds.least, bounds.most);
  return bounds.negative_is_zero ? range + "; a negative one counts as 0" : range;
}

/// "a b c" as "a, b or c".
std::string alternatives(std::string_view words) {
  std::string text;
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    const bool last = end == std::string_view::npos;
    if (!text.empty()) text += last ? " or " : ", ";
    text += words.substr(0, end);
    words = last ? std::string_view() : words.substr(end + 1);
  }
  return text;
}

}  // namespace

std::string accepted_values(const Directive& directive) {
  if (!directive.accepts.empty()) return std::string(directive.accepts);
  switch (directive.type) {
    case ValueType::boolean:
      return "true, false, 1 or 0";
    case ValueType::integer:
      return integer_range(directive.bounds);
    case ValueType::string:
      return "text of 1 to 65535 bytes of UTF-8 without control characters";
    case ValueType::choice:
      return alternatives(directive.choices);
    case ValueType::list:
      return "a list of words";
    case ValueType::lifetime:
      return "a number from 1 followed by s, h, d, w, m or y";
    case ValueType::endpoint:
      return "a port from 1 to 65535, then an address or host name if not all addresses are meant; "
             "or 0 and the path of a Unix socket";
    case ValueType::directory:
      return "a directory";
  }
  return {};
}

std::string_view nearest_value(const Directive& directive, std::string_view found) {
  if (directive.type == ValueType::boolean) return nearest_boolean(found);
  return spelling::nearest_word(found, words_of(directive.choices));
}

bool takes_one_word(const Directive& directive) {
  switch (directive.type) {
    case ValueType::boolean:
    case ValueType::integer:
    case ValueType::lifetime:
      return true;
    case ValueType::choice:
      return directive.name != "log_dest";  // `file` is followed by a path
    case ValueType::string:
    case ValueType::list:
    case ValueType::endpoint:
    case ValueType::directory:
      break;
  }
  return false;
}

std::string default_text(const Directive& directive) {
  if (directive.text == nullptr) return {};
  const Config config;
  const ListenerConfig listener;
  return directive.text(directive, {config, listener});
}

std::string_view to_text(ValueType type) {
  switch (type) {
    case ValueType::boolean:
      return "boolean";
    case ValueType::integer:
      return "integer";
    case ValueType::string:
      return "string";
    case ValueType::choice:
      return "choice";
    case ValueType::list:
      return "list";
    case ValueType::lifetime:
      return "lifetime";
    case ValueType::endpoint:
      return "endpoint";
    case ValueType::directory:
      return "directory";
  }
  return {};
}

std::string_view to_text(ReloadEffect effect) {
  switch (effect) {
    case ReloadEffect::applied:
      return "applied";
    case ReloadEffect::new_connections:
      return "new connections";
    case ReloadEffect::reopens:
      return "reopens the listener";
    case ReloadEffect::restart:
      return "restart";
  }
  return {};
}

}  // namespace broker
