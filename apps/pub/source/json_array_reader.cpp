#include "pub/source/json_array_reader.h"

#include <fmt/format.h>

#include <utility>

#include "cli/input/payload_limit.h"

namespace pub {

JsonArrayReader::Step JsonArrayReader::next() {
  if (!error_.empty()) return Step::error;
  if (state_ != State::object) object_.clear();
  while (!chunk_.empty()) {
    const char c = chunk_.front();
    chunk_.remove_prefix(1);
    const Step step = take(c);
    if (c == '\n') ++line_;
    if (step != Step::more) return step;
  }
  if (finished_ && state_ != State::end) return fail("the array is not closed by a ']'");
  return Step::more;
}

JsonArrayReader::Step JsonArrayReader::take(char c) {
  if (state_ == State::object) return take_in_object(c);
  const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
  return is_blank ? Step::more : take_between(c);
}

JsonArrayReader::Step JsonArrayReader::take_between(char c) {
  switch (state_) {
    case State::start:
      state_ = State::first_object;
      return c == '[' ? Step::more : fail("this is not an array");
    case State::first_object:
      if (c != ']') return begin_object(c);
      state_ = State::end;
      return Step::more;
    case State::behind:
      if (c != ',' && c != ']') return fail("a ',' or the ']' of the array is missing");
      state_ = c == ',' ? State::next_object : State::end;
      return Step::more;
    case State::next_object:
      return begin_object(c);
    default:
      return fail("text follows the array");
  }
}

JsonArrayReader::Step JsonArrayReader::begin_object(char c) {
  if (c != '{') return fail("an element of the array is not an object");
  state_ = State::object;
  object_line_ = line_;
  object_ = c;
  depth_ = 1;
  return Step::more;
}

JsonArrayReader::Step JsonArrayReader::take_in_object(char c) {
  if (object_.size() == cli::max_payload_bytes) {
    return fail(fmt::format("the object has more than {} bytes", cli::max_payload_bytes));
  }
  object_ += c;
  if (in_string_) {
    in_string_ = c != '"' || is_escaped_;
    is_escaped_ = c == '\\' && !is_escaped_;
    return Step::more;
  }
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  if (c == '}' || c == ']') --depth_;
  if (depth_ > 0) return Step::more;
  state_ = State::behind;
  return Step::object;
}

JsonArrayReader::Step JsonArrayReader::fail(std::string message) {
  error_ = std::move(message);
  object_line_ = line_;
  return Step::error;
}

}  // namespace pub
