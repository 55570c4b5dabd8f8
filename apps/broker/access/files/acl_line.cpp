#include "access/files/acl_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "config/shown_text.h"
#include "mqtt/protocol/topic.h"
#include "spelling/nearest_word.h"

namespace broker {
namespace {

using Grant = AclTree::Grant;
using Kind = AclLine::Kind;

constexpr std::string_view white_space = " \t\n\v\f\r";
constexpr std::size_t longest_filter = 65535;
constexpr std::array<std::string_view, 3> keywords{"topic", "pattern", "user"};
/// In the order of Grant.
constexpr std::array<std::string_view, 4> access_words{"read", "write", "readwrite", "deny"};

std::string_view without_trailing_space(std::string_view text) {
  return text.substr(0, text.find_last_not_of(white_space) + 1);
}

std::string_view skip(std::string_view text, std::string_view blanks) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

/// Takes the word at the beginning, which only a space ends, and the spaces behind it.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text = skip(text.substr(word.size()), " ");
  return word;
}

std::optional<Grant> grant_of(std::string_view word) {
  const auto position = std::ranges::find(access_words, word);
  if (position == access_words.end()) return std::nullopt;
  return static_cast<Grant>(position - access_words.begin());
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view nearest = spelling::nearest_word(word, candidates);
  return nearest.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", nearest);
}

std::string refuse_keyword(std::string_view keyword) {
  if (keyword.starts_with('#')) return "the # of a comment must be the first character of its line";
  if (keyword.find('\t') != std::string_view::npos)
    return "keyword and value are separated by a TAB; only spaces separate them";
  return fmt::format("unknown keyword \"{}\": expected topic, pattern, user or #{}", shown(keyword),
                     did_you_mean(keyword, keywords));
}

std::string refuse_access(std::string_view word) {
  return fmt::format(
      "unknown access \"{}\": expected read, write, readwrite or deny before a filter of several "
      "words{}",
      shown(word), did_you_mean(word, access_words));
}

/// Why an ACL file may not have this filter; empty: it may. Unlike in a SUBSCRIBE, any bytes will
/// do, and `$share` is a level like others: the line is an operator's, and where it can never
/// apply it does no harm.
std::string refuse_filter(std::string_view filter) {
  if (filter.size() > longest_filter) return "the topic filter is longer than 65535 bytes";
  const auto slashes = static_cast<std::size_t>(std::ranges::count(filter, '/'));
  if (slashes > mqtt::max_topic_separators) {
    return fmt::format("the topic filter has more than {} slashes", mqtt::max_topic_separators);
  }
  for (std::string_view rest = filter; rest.data() != nullptr;) {
    const std::string_view level = mqtt::next_level(rest);
    if (level == "#" && rest.data() != nullptr) {
      return fmt::format("invalid topic filter \"{}\": # must be its last level", shown(filter));
    }
    if (level.size() > 1 && level.find_first_of("+#") != std::string_view::npos) {
      return fmt::format("invalid topic filter \"{}\": + and # must be a whole level",
                         shown(filter));
    }
  }
  return {};
}

/// Whether there are topics that the filter matches.
bool can_match(std::string_view filter) {
  std::string topic(filter);
  std::ranges::replace_if(
      topic, [](char c) { return c == '+' || c == '#'; }, 'x');
  return mqtt::TopicName::parse(topic).has_value();
}

struct Substitutions {
  bool whole_level = false;          ///< there is one that counts
  std::string_view part_of_level{};  ///< a level in which one does not; empty: none
};

Substitutions substitutions_in(std::string_view filter) {
  Substitutions found;
  for (std::string_view rest = filter; rest.data() != nullptr;) {
    const std::string_view level = mqtt::next_level(rest);
    if (level == "%c" || level == "%u") {
      found.whole_level = true;
    } else if (level.find("%c") != std::string_view::npos ||
               level.find("%u") != std::string_view::npos) {
      found.part_of_level = level;
    }
  }
  return found;
}

void warn_of_substitutions(AclLine& line) {
  const Substitutions found = substitutions_in(line.filter);
  if (line.kind == Kind::topic) {
    if (found.whole_level)
      line.warnings.emplace_back(
          "%c and %u are replaced in pattern lines only, not in topic lines");
    return;
  }
  if (!found.part_of_level.empty()) {
    line.warnings.push_back(
        fmt::format("%c and %u are replaced only if they are a whole level; \"{}\" is taken as it "
                    "is written",
                    shown(found.part_of_level)));
  } else if (!found.whole_level) {
    line.warnings.emplace_back("a pattern without %c or %u is the same for everyone");
  }
}

void warn_of_filter(AclLine& line) {
  const std::string_view filter = line.filter;
  if (filter.starts_with("$share")) {
    line.warnings.emplace_back(
        "topics never begin with $share, so this entry has no effect; for a shared subscription "
        "the entries of its topics apply");
  } else if (!can_match(filter)) {
    line.warnings.push_back(fmt::format(
        "no topic can match \"{}\", so this entry has no effect: topics are UTF-8 without control "
        "characters",
        shown(filter)));
  }
  std::string_view rest = filter;
  const std::string_view first = take_word(rest);
  if (grant_of(first)) {
    line.warnings.push_back(
        rest.empty()
            ? fmt::format("\"{}\" is taken as the topic filter, for reading and writing", first)
            : fmt::format("\"{}\" is taken as the topic filter: a line has one access "
                          "word, and readwrite stands for read and write",
                          shown(filter)));
  }
}

/// What follows `topic` or `pattern`: one word is a filter, several begin with the access.
tl::expected<AclLine, std::string> parse_entry(Kind kind, std::string_view rest) {
  if (rest.empty()) return tl::unexpected(std::string("a topic filter is missing"));
  std::string_view behind = rest;
  AclLine line;
  line.kind = kind;
  line.filter = take_word(behind);
  if (!behind.empty()) {
    const auto grant = grant_of(line.filter);
    if (!grant) return tl::unexpected(refuse_access(line.filter));
    line.grant = *grant;
    line.filter = skip(behind, white_space);
  }
  if (std::string reason = refuse_filter(line.filter); !reason.empty()) {
    return tl::unexpected(std::move(reason));
  }
  warn_of_filter(line);
  warn_of_substitutions(line);
  return line;
}

}  // namespace

tl::expected<AclLine, std::string> parse_acl_line(std::string_view line) {
  if (line.starts_with('#')) return AclLine{};
  std::string_view rest = skip(without_trailing_space(line), " ");
  if (rest.empty()) return AclLine{};
  const std::string_view keyword = take_word(rest);
  if (keyword == "topic") return parse_entry(Kind::topic, rest);
  if (keyword == "pattern") return parse_entry(Kind::pattern, rest);
  if (keyword != "user") return tl::unexpected(refuse_keyword(keyword));
  AclLine section;
  section.kind = Kind::user;
  section.user = skip(rest, white_space);
  if (section.user.empty()) return tl::unexpected(std::string("a user name is missing"));
  return section;
}

}  // namespace broker
