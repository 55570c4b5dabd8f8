#pragma once

#include <string_view>

/// Topic matching straight from the wording of MQTT 5.0 section 4.7, slow and recursive: what
/// `mqtt::matches` and the subscription tree are held against.
namespace naive_topic_match {

/// What comes after the first level; `has_more` tells "a" from "a/".
struct Split {
  std::string_view level;
  std::string_view rest;
  bool has_more;
};

inline Split split(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') return {text.substr(0, i), text.substr(i + 1), true};
  }
  return {text, {}, false};
}

inline bool levels_match(std::string_view filter, std::string_view topic) {
  const Split f = split(filter);
  if (f.level == "#") return true;
  const Split t = split(topic);
  if (f.level != "+" && f.level != t.level) return false;
  if (!f.has_more && !t.has_more) return true;
  if (f.has_more && !t.has_more) return f.rest == "#";  // the parent level counts, too
  if (!f.has_more) return false;
  return levels_match(f.rest, t.rest);
}

inline bool matches(std::string_view filter, std::string_view topic) {
  const bool wildcard_first = filter[0] == '+' || filter[0] == '#';
  if (topic[0] == '$' && wildcard_first) return false;
  return levels_match(filter, topic);
}

inline bool is_valid_filter(std::string_view filter) {
  const Split f = split(filter);
  if (f.level == "#") return !f.has_more;
  if (f.level != "+" && f.level.find_first_of("+#") != std::string_view::npos) return false;
  return !f.has_more || is_valid_filter(f.rest);
}

}  // namespace naive_topic_match
