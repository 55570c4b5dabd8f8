#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

namespace broker {

/// A name chosen by a client (identifier, user name, topic, filter), escaped so that it cannot be
/// mistaken for another log line or another part of one:
///
///     log.notice("Expiring client {} due to timeout.", ShownName{client_id});
///
/// Control characters, line separators, characters that change the direction of text, and `[` are
/// written as `\xHH`, byte by byte. So are spaces in a name that contains words by which programs
/// recognise lines about connections. All other names are unchanged.
struct ShownName {
  std::string_view text;

  /// How many bytes at `position` must be escaped together; 0: none.
  std::size_t escaped_length(std::size_t position) const;
  /// Whether its words could be mistaken for those of a log line.
  bool imitates_line() const;
};

}  // namespace broker

template <>
struct fmt::formatter<broker::ShownName> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }

  template <class Context>
  auto format(const broker::ShownName& name, Context& context) const {
    const bool escape_spaces = name.imitates_line();
    auto out = context.out();
    for (std::size_t at = 0; at < name.text.size();) {
      std::size_t length = name.escaped_length(at);
      if (length == 0 && escape_spaces && name.text[at] == ' ') length = 1;
      if (length == 0) {
        *out++ = name.text[at++];
        continue;
      }
      for (const std::size_t end = at + length; at < end; ++at) {
        out = fmt::format_to(out, "\\x{:02X}", static_cast<unsigned char>(name.text[at]));
      }
    }
    return out;
  }
};
