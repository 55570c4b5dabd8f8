#pragma once

#include <string>
#include <string_view>

/// The parts of mqtt-bench's pages. Arguments called `content` and `value` are markup,
/// all others are text.
namespace bench {

/// A whole page: head, style, body.
std::string html_document(std::string_view title, const std::string& body,
                          std::string_view version);

/// A section with a heading; nothing if the content is empty.
std::string html_section(std::string_view heading, const std::string& content);

/// An expectation that was met or missed, as an item of a list.
std::string check_item(bool is_met, std::string_view text);

/// A table of names and values.
class PropertyTable {
 public:
  void add(std::string_view name, const std::string& value, bool is_wrong = false);
  /// Nothing if the value is empty.
  void add_text(std::string_view name, std::string_view value);
  /// `is_wide`: values are sentences, not numbers.
  std::string html(bool is_wide) const;

 private:
  std::string rows_;
};

}  // namespace bench
