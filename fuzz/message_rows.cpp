// Rows of CSV and NDJSON: whatever a file holds, it is rows or an error with its line, and the same
// rows however it is cut into pieces. A template out of the file itself expands or says why not,
// and what it takes from a row as JSON is JSON.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/json_copy.h"
#include "pub/source/field_template.h"
#include "pub/source/row_reader.h"

namespace {

using pub::Row;
using pub::RowReader;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Reading {
  std::vector<Row> rows;
  std::string error;
  std::size_t error_line = 0;
};

Reading read(std::string_view text, std::size_t chunk) {
  Reading reading;
  RowReader reader;
  bool finished = false;
  for (;;) {
    const RowReader::Step step = reader.next();
    if (step == RowReader::Step::row) {
      reading.rows.push_back(reader.row());
    } else if (step == RowReader::Step::error) {
      reading.error = reader.error();
      reading.error_line = reader.error_line();
      require(!reading.error.empty() && reading.error_line >= 1);
      return reading;
    } else if (!text.empty()) {
      reader.feed(text.substr(0, chunk));
      text.remove_prefix(std::min(chunk, text.size()));
    } else if (finished) {
      return reading;
    } else {
      reader.finish();
      finished = true;
    }
  }
}

void check(const Row& row) {
  require(row.line >= 1);
  for (const pub::Field& field : row.fields) {
    if (field.is_json) require(cli::is_json(field.text) && cli::is_json(row.as_json()));
    require(row.find(field.name) != nullptr);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Reading whole = read(text, text.size());
  const Reading cut = read(text, 1 + data[0] % 16);
  require(whole.error == cut.error && whole.error_line == cut.error_line);
  require(whole.rows.size() == cut.rows.size());
  const auto parsed = pub::FieldTemplate::parse(text);
  for (std::size_t i = 0; i < whole.rows.size(); ++i) {
    const Row& row = whole.rows[i];
    require(row.fields == cut.rows[i].fields && row.line == cut.rows[i].line);
    check(row);
    if (!parsed) continue;
    const auto expanded = parsed->expand(row);
    require(expanded || !expanded.error().empty());
  }
  return 0;
}
