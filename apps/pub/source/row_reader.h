#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/input/line_splitter.h"
#include "pub/source/csv_reader.h"
#include "pub/source/json_array_reader.h"
#include "pub/source/row.h"

namespace pub {

/// Reads rows out of a stream of bytes, of which it keeps no more than one row.
///
/// If the first character is '{', each line is a JSON object (NDJSON), and if it is '[', all of it
/// is an array of such objects; otherwise it is a CSV file whose first record names the fields. A
/// byte order mark and blank lines are ignored.
class RowReader {
 public:
  enum class Step { row, more, error };

  RowReader() = default;
  /// A CSV file, whatever its first character is, with this between its fields.
  explicit RowReader(char delimiter) : may_be_json_(false), csv_(delimiter) {}

  /// Lends `chunk` until `next` has answered `more`. Only then may the next one come.
  void feed(std::string_view chunk);
  /// No more chunks follow.
  void finish();

  /// `row`: the next one is in `row()`. `more`: the chunk is used up; after `finish`, all is.
  /// `error`: see there; nothing follows.
  Step next();

  const Row& row() const { return row_; }
  /// Where the error is, from 1.
  std::size_t error_line() const { return row_.line; }
  const std::string& error() const { return error_; }
  /// Bytes that were fed and have not become rows.
  std::size_t unread_size() const;

 private:
  enum class Format { unknown, csv, lines, array };

  void recognise();
  Step next_record();
  Step next_line();
  Step next_element();
  Step take_object(std::size_t line, std::string_view text, const char* what);
  bool take_header(const std::vector<std::string>& names);
  void take_record(const std::vector<std::string>& values);
  Step fail(std::size_t line, std::string message);

  bool may_be_json_ = true;
  Format format_ = Format::unknown;
  bool finished_ = false;
  std::string start_;  ///< what came before the format was known
  Row row_;
  std::string error_;

  CsvReader csv_;
  std::vector<std::string> names_;  ///< of the fields: the header

  JsonArrayReader array_;

  cli::LineSplitter lines_;
  std::size_t line_ = 0;
};

}  // namespace pub
