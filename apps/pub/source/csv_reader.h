#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pub {

/// Cuts a stream of bytes into the records of a CSV file (RFC 4180): fields between commas (or
/// another delimiter), which may stand in quotes and then hold commas, line ends, and quotes
/// written twice. Lines end with LF or CR LF; blank ones are no records.
class CsvReader {
 public:
  enum class Step { record, more, error };

  /// `delimiter`: what stands between fields, any character but a quote and a line end.
  explicit CsvReader(char delimiter = ',') : delimiter_(delimiter) {}

  /// Lends `chunk` until `next` has answered `more`. Only then may the next one come.
  void feed(std::string_view chunk) { chunk_ = chunk; }
  /// No more chunks follow: a last record needs no line end.
  void finish() { finished_ = true; }

  /// `record`: the next one is in `fields`. `more`: the chunk is used up; after `finish`, all is.
  /// `error`: see there; nothing follows.
  Step next();

  const std::vector<std::string>& fields() const { return fields_; }
  /// Where the record begins, or the error is; from 1.
  std::size_t line() const { return record_line_; }
  const std::string& error() const { return error_; }

  /// More fields than that are an error, found before they take up memory.
  void limit_fields(std::size_t most) { most_fields_ = most; }
  /// Bytes of the chunk that are not yet used.
  std::size_t unread_size() const { return chunk_.size(); }

 private:
  enum class State { field_start, plain, quoted, quote_seen, carriage_return };
  /// What a character leads to.
  enum class Result { go_on, record, error };

  Result take(char c);
  Result take_at_start(char c);
  Result take_after_quote(char c);
  Result end_field();
  Result end_record();
  Result fail(std::string message);
  bool begin_record();
  void take_run();

  char delimiter_;
  std::string_view chunk_;
  bool finished_ = false;
  State state_ = State::field_start;
  bool in_record_ = false;
  bool record_is_done_ = false;  ///< `fields_` was handed out and can go
  bool was_quoted_ = false;      ///< a field of this record: then it is not a blank line
  std::string field_;
  std::vector<std::string> fields_;
  std::size_t bytes_ = 0;  ///< of this record
  std::size_t most_fields_ = 65'536;
  std::size_t line_ = 1;
  std::size_t record_line_ = 1;
  std::string error_;
};

}  // namespace pub
