#include "pub/source/csv_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli/input/payload_limit.h"

namespace pub {

CsvReader::Step CsvReader::next() {
  if (!error_.empty()) return Step::error;
  begin_record();
  while (!chunk_.empty()) {
    take_run();
    if (bytes_ > cli::max_payload_bytes) {
      fail(fmt::format("the row has more than {} bytes", cli::max_payload_bytes));
      return Step::error;
    }
    if (chunk_.empty()) break;
    const char c = chunk_.front();
    chunk_.remove_prefix(1);
    ++bytes_;
    switch (take(c)) {
      case Result::record:
        return Step::record;
      case Result::error:
        return Step::error;
      case Result::go_on:
        break;
    }
  }
  if (!finished_ || !in_record_) return Step::more;
  if (state_ == State::quoted) {
    fail("the quotes of a field are not closed");
    return Step::error;
  }
  switch (end_record()) {
    case Result::record:
      return Step::record;
    case Result::error:
      return Step::error;
    default:
      return Step::more;
  }
}

/// Forgets the record that was handed out.
bool CsvReader::begin_record() {
  if (!std::exchange(record_is_done_, false)) return false;
  fields_.clear();
  return true;
}

/// Takes what needs no look of its own: the inside of a field.
void CsvReader::take_run() {
  if (state_ != State::plain && state_ != State::quoted) return;
  const std::array plain_ends{delimiter_, '"', '\r', '\n'};
  const std::string_view special =
      state_ == State::plain ? std::string_view(plain_ends.data(), plain_ends.size()) : "\"\n";
  const std::size_t size = std::min(chunk_.find_first_of(special), chunk_.size());
  field_ += chunk_.substr(0, size);
  bytes_ += size;
  chunk_.remove_prefix(size);
}

CsvReader::Result CsvReader::take(char c) {
  if (!in_record_) {
    in_record_ = true;
    record_line_ = line_;
  }
  switch (state_) {
    case State::field_start:
      return take_at_start(c);
    case State::plain:
      if (c == '"') {
        return fail(
            "a quote stands inside a field that is not quoted (quote the field, and write "
            "the quote twice)");
      }
      state_ = State::field_start;
      return take_at_start(c);
    case State::quoted:
      if (c == '\n') ++line_;
      if (c == '"') {
        state_ = State::quote_seen;
      } else {
        field_ += c;
      }
      return Result::go_on;
    case State::quote_seen:
      return take_after_quote(c);
    case State::carriage_return:
      break;
  }
  if (c == '\n') return end_record();
  return fail("a carriage return stands in a field that is not quoted");
}

/// Between fields, or behind a plain one.
CsvReader::Result CsvReader::take_at_start(char c) {
  if (c == delimiter_) return end_field();
  switch (c) {
    case '\n':
      return end_record();
    case '\r':
      state_ = State::carriage_return;
      return Result::go_on;
    case '"':
      was_quoted_ = true;
      state_ = State::quoted;
      return Result::go_on;
    default:
      field_ += c;
      state_ = State::plain;
      return Result::go_on;
  }
}

CsvReader::Result CsvReader::take_after_quote(char c) {
  if (c == delimiter_) return end_field();
  switch (c) {
    case '"':
      field_ += c;
      state_ = State::quoted;
      return Result::go_on;
    case '\n':
      return end_record();
    case '\r':
      state_ = State::carriage_return;
      return Result::go_on;
    default:
      return fail("text follows the closing quote of a field");
  }
}

CsvReader::Result CsvReader::end_field() {
  state_ = State::field_start;
  if (fields_.size() == most_fields_) {
    return fail(fmt::format("there are more than {} fields", most_fields_));
  }
  fields_.push_back(std::exchange(field_, {}));
  return Result::go_on;
}

CsvReader::Result CsvReader::end_record() {
  const bool is_blank = fields_.empty() && field_.empty() && !was_quoted_;
  if (!is_blank && end_field() == Result::error) return Result::error;
  ++line_;
  state_ = State::field_start;
  in_record_ = was_quoted_ = false;
  bytes_ = 0;
  if (is_blank) return Result::go_on;
  record_is_done_ = true;
  return Result::record;
}

CsvReader::Result CsvReader::fail(std::string message) {
  error_ = std::move(message);
  record_line_ = line_;
  return Result::error;
}

}  // namespace pub
