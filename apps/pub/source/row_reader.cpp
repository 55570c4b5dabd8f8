#include "pub/source/row_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "cli/input/payload_limit.h"
#include "cli/output/json_members.h"

namespace pub {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\r\n";
/// Nobody begins a file with that many blanks.
constexpr std::size_t most_blanks = 64 * 1024;

}  // namespace

void RowReader::feed(std::string_view chunk) {
  switch (format_) {
    case Format::csv:
      return csv_.feed(chunk);
    case Format::lines:
      return lines_.feed(chunk);
    case Format::array:
      return array_.feed(chunk);
    case Format::unknown:
      break;
  }
  start_ += chunk;
  recognise();
}

void RowReader::finish() {
  finished_ = true;
  if (format_ == Format::unknown) recognise();
  csv_.finish();
  array_.finish();
}

std::size_t RowReader::unread_size() const {
  switch (format_) {
    case Format::csv:
      return csv_.unread_size();
    case Format::lines:
      return lines_.unread_size();
    case Format::array:
      return array_.unread_size();
    case Format::unknown:
      break;
  }
  return start_.size();
}

/// As soon as the first character is there that is no blank.
void RowReader::recognise() {
  std::string_view text = start_;
  if (!finished_ && text.size() < byte_order_mark.size() && byte_order_mark.starts_with(text))
    return;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos && text.size() < most_blanks) return;
  const char begin = first == std::string_view::npos || !may_be_json_ ? '\0' : text[first];
  format_ = begin == '{' ? Format::lines : begin == '[' ? Format::array : Format::csv;
  feed(text);
}

RowReader::Step RowReader::next() {
  if (!error_.empty()) return Step::error;
  switch (format_) {
    case Format::csv:
      return next_record();
    case Format::lines:
      return next_line();
    case Format::array:
      return next_element();
    case Format::unknown:
      break;
  }
  return Step::more;
}

RowReader::Step RowReader::next_record() {
  for (;;) {
    switch (csv_.next()) {
      case CsvReader::Step::more:
        return Step::more;
      case CsvReader::Step::error:
        return fail(csv_.line(), csv_.error());
      case CsvReader::Step::record:
        break;
    }
    row_.line = csv_.line();
    if (names_.empty()) {
      if (!take_header(csv_.fields())) return Step::error;
      continue;
    }
    if (csv_.fields().size() != names_.size()) {
      return fail(csv_.line(), fmt::format("the row has {} fields, but the header names {}",
                                           csv_.fields().size(), names_.size()));
    }
    take_record(csv_.fields());
    return Step::row;
  }
}

bool RowReader::take_header(const std::vector<std::string>& names) {
  std::unordered_set<std::string_view> known;
  for (const std::string& name : names) {
    if (name.empty()) {
      fail(csv_.line(), "a field of the header has no name");
    } else if (!known.insert(name).second) {
      fail(csv_.line(), fmt::format("the header names \"{}\" twice", name));
    }
  }
  names_ = names;
  csv_.limit_fields(names_.size());
  return error_.empty();
}

void RowReader::take_record(const std::vector<std::string>& values) {
  row_.fields.resize(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    row_.fields[i].name = names_[i];
    row_.fields[i].text = values[i];
  }
}

RowReader::Step RowReader::next_line() {
  for (;;) {
    auto line = lines_.next();
    if (!line && finished_) line = lines_.last_line();
    if (lines_.unfinished_size() > cli::max_payload_bytes) {
      return fail(line_ + 1, fmt::format("the row has more than {} bytes", cli::max_payload_bytes));
    }
    if (!line) return Step::more;
    ++line_;
    const std::size_t begin = line->find_first_not_of(blanks);
    if (begin == std::string_view::npos) continue;
    return take_object(line_, line->substr(begin, line->find_last_not_of(blanks) + 1 - begin),
                       "the line");
  }
}

RowReader::Step RowReader::next_element() {
  switch (array_.next()) {
    case JsonArrayReader::Step::more:
      return Step::more;
    case JsonArrayReader::Step::error:
      return fail(array_.line(), array_.error());
    case JsonArrayReader::Step::object:
      break;
  }
  return take_object(array_.line(), array_.object(), "the element of the array");
}

RowReader::Step RowReader::take_object(std::size_t line, std::string_view text, const char* what) {
  auto members = cli::json_members(text);
  if (!members) return fail(line, fmt::format("{} is not a JSON object", what));
  row_.line = line;
  row_.json = text;
  row_.fields.clear();
  for (cli::JsonMember& member : *members) {
    row_.fields.push_back({std::move(member.name), std::move(member.text), !member.is_string});
  }
  return Step::row;
}

RowReader::Step RowReader::fail(std::size_t line, std::string message) {
  row_.line = line;
  error_ = std::move(message);
  return Step::error;
}

}  // namespace pub
