#include "bench/load/topic_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace bench {
namespace {

constexpr std::string_view placeholders = "icurn";

}  // namespace

tl::expected<TopicTemplate, std::string> TopicTemplate::parse(std::string_view text) {
  TopicTemplate result;
  result.text_ = text;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const char letter = i + 1 < text.size() ? text[++i] : '\0';
    if (letter == '%') {
      plain += '%';
    } else if (placeholders.find(letter) != std::string_view::npos) {
      if (!plain.empty()) result.parts_.push_back({0, std::exchange(plain, {})});
      result.parts_.push_back({letter, {}});
    } else {
      return tl::unexpected(fmt::format(
          "\"{}\": '%{}' is no placeholder; there are %i (index), %c (client id), %u (user name), "
          "%r (run), %n (message) and %%",
          text, letter == '\0' ? std::string() : std::string(1, letter)));
    }
  }
  if (!plain.empty()) result.parts_.push_back({0, std::move(plain)});
  return result;
}

std::string TopicTemplate::expand(const TopicValues& values) const {
  std::string out;
  expand_to(out, values);
  return out;
}

void TopicTemplate::expand_to(std::string& out, const TopicValues& values) const {
  for (const Part& part : parts_) {
    switch (part.placeholder) {
      case 'i':
        fmt::format_to(std::back_inserter(out), "{}", values.index);
        break;
      case 'c':
        out += values.client_id;
        break;
      case 'u':
        out += values.user_name;
        break;
      case 'r':
        fmt::format_to(std::back_inserter(out), "{:08x}", values.run);
        break;
      case 'n':
        fmt::format_to(std::back_inserter(out), "{}", values.message);
        break;
      default:
        out += part.text;
    }
  }
}

std::string TopicTemplate::as_filter() const {
  // No topic contains this byte, so that it can mark the levels to be replaced.
  constexpr char mark = '\0';
  std::string marked;
  for (const Part& part : parts_)
    marked += part.placeholder == 0 ? part.text : std::string(1, mark);
  std::string filter;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(marked.find('/', begin), marked.size());
    const std::string level = marked.substr(begin, end - begin);
    filter += level.find(mark) == std::string::npos ? level : "+";
    if (end == marked.size()) return filter;
    filter += '/';
    begin = end + 1;
  }
}

bool TopicTemplate::has(char placeholder) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.placeholder == placeholder; });
}

}  // namespace bench
