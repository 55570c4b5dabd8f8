#include "cli/output/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <limits>

namespace cli {

namespace {

constexpr bool must_be_escaped(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

/// Whether two numbers are the same as far as a double can tell after one rounding.
bool is_same(double a, double b) {
  return std::abs(a - b) <=
         std::max(std::abs(a), std::abs(b)) * std::numeric_limits<double>::epsilon();
}

}  // namespace

void JsonWriter::begin_object() {
  before_value();
  out_ += '{';
  levels_.push_back({true, true});
}

void JsonWriter::end_object() {
  levels_.pop_back();
  if (style_ == Style::pretty) new_line(levels_.size());
  out_ += '}';
}

void JsonWriter::begin_array() {
  before_value();
  out_ += '[';
  levels_.push_back({false, true});
}

void JsonWriter::end_array() {
  levels_.pop_back();
  out_ += ']';
}

void JsonWriter::key(std::string_view name) {
  Level& level = levels_.back();
  if (!level.is_empty) out_ += ',';
  level.is_empty = false;
  if (style_ == Style::pretty) new_line(levels_.size());
  append_quoted(name);
  out_ += ':';
  if (style_ == Style::pretty) out_ += '\t';
}

void JsonWriter::string(std::string_view text) {
  before_value();
  append_quoted(text);
}

void JsonWriter::integer(std::uint64_t number) {
  before_value();
  const fmt::format_int digits(number);
  out_.append(digits.data(), digits.size());
}

void JsonWriter::signed_integer(std::int64_t number) {
  before_value();
  const fmt::format_int digits(number);
  out_.append(digits.data(), digits.size());
}

void JsonWriter::number(double value) {
  before_value();
  std::array<char, 32> text{};
  int length = std::snprintf(text.data(), text.size(), "%.15g", value);
  if (!is_same(std::strtod(text.data(), nullptr), value)) {
    length = std::snprintf(text.data(), text.size(), "%.17g", value);
  }
  out_.append(text.data(), static_cast<std::size_t>(length));
}

void JsonWriter::boolean(bool value) {
  before_value();
  out_ += value ? "true" : "false";
}

void JsonWriter::null() {
  before_value();
  out_ += "null";
}

void JsonWriter::before_value() {
  if (levels_.empty() || levels_.back().is_object) return;
  Level& level = levels_.back();
  if (!level.is_empty) out_ += style_ == Style::pretty ? ", " : ",";
  level.is_empty = false;
}

void JsonWriter::new_line(std::size_t depth) {
  out_ += '\n';
  out_.append(depth, '\t');
}

void JsonWriter::append_quoted(std::string_view text) {
  out_ += '"';
  auto begin = text.begin();
  for (;;) {
    const auto end = std::find_if(begin, text.end(), must_be_escaped);
    out_.append(begin, end);
    if (end == text.end()) break;
    append_escape(out_, *end);
    begin = end + 1;
  }
  out_ += '"';
}

}  // namespace cli
