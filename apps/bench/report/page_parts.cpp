#include "bench/report/page_parts.h"

#include <fmt/format.h>

#include <iterator>

#include "bench/report/html.h"
#include "bench/report/page_style.h"

namespace bench {

std::string html_document(std::string_view title, const std::string& body,
                          std::string_view version) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\" xml:lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}"
      "<footer><p>mqtt-bench {}. Hover over a chart to read its values.</p></footer>\n"
      "</body>\n</html>\n",
      escaped(title), page_style, body, escaped(version));
}

std::string html_section(std::string_view heading, const std::string& content) {
  if (content.empty()) return {};
  return fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", escaped(heading), content);
}

std::string check_item(bool is_met, std::string_view text) {
  return fmt::format("<li class=\"{}\"><b>{}</b><span>{}</span></li>\n", is_met ? "met" : "missed",
                     is_met ? "✓" : "✗", escaped(text));
}

void PropertyTable::add(std::string_view name, const std::string& value, bool is_wrong) {
  fmt::format_to(std::back_inserter(rows_), "<tr{}><th scope=\"row\">{}</th><td>{}</td></tr>\n",
                 is_wrong ? R"( class="wrong")" : "", escaped(name), value);
}

void PropertyTable::add_text(std::string_view name, std::string_view value) {
  if (!value.empty()) add(name, escaped(value));
}

std::string PropertyTable::html(bool is_wide) const {
  return fmt::format("<table class=\"{}\"><tbody>\n{}</tbody></table>\n",
                     is_wide ? "properties wide" : "properties", rows_);
}

}  // namespace bench
