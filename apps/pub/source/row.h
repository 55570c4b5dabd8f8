#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pub {

/// A named value of a row.
struct Field {
  std::string name;
  std::string text;
  bool is_json = false;  ///< `text` is JSON as it stands: a number, an object and the like

  bool operator==(const Field&) const = default;
};

/// One message's worth of named values: a record of a CSV file, a JSON object, or what is known of
/// a file.
struct Row {
  std::size_t line = 0;  ///< where it begins, from 1
  std::vector<Field> fields;
  /// The row as one JSON object, where it was one; otherwise empty.
  std::string json;

  /// The row as one JSON object, made of its fields if need be.
  std::string as_json() const;

  /// The last one with this name, as of JSON names that are repeated. nullptr: there is none.
  const Field* find(std::string_view name) const;
};

}  // namespace pub
