#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pub {

/// Cuts a stream of bytes that is one JSON array of objects into these objects, of which it keeps
/// one at a time. Whether an object is valid JSON is for who takes it.
class JsonArrayReader {
 public:
  enum class Step { object, more, error };

  /// Lends `chunk` until `next` has answered `more`. Only then may the next one come.
  void feed(std::string_view chunk) { chunk_ = chunk; }
  /// No more chunks follow.
  void finish() { finished_ = true; }

  /// `object`: the next one is in `object()`, until the next call. `more`: the chunk is used up;
  /// after `finish`, all is. `error`: see there; nothing follows.
  Step next();

  const std::string& object() const { return object_; }
  /// Where the object begins, or the error is; from 1.
  std::size_t line() const { return object_line_; }
  const std::string& error() const { return error_; }
  /// Bytes of the chunk that are not yet used.
  std::size_t unread_size() const { return chunk_.size(); }

 private:
  enum class State {
    start,         ///< before the '['
    first_object,  ///< behind it
    object,        ///< inside an object
    behind,        ///< an object: a comma or the end follows
    next_object,   ///< behind a comma
    end,           ///< behind the ']'
  };

  Step take(char c);
  Step take_between(char c);
  Step begin_object(char c);
  Step take_in_object(char c);
  Step fail(std::string message);

  std::string_view chunk_;
  bool finished_ = false;
  State state_ = State::start;
  std::string object_;
  std::size_t depth_ = 0;  ///< of objects and arrays that are open in `object_`
  bool in_string_ = false;
  bool is_escaped_ = false;  ///< the next character of the string
  std::size_t line_ = 1;
  std::size_t object_line_ = 1;
  std::string error_;
};

}  // namespace pub
