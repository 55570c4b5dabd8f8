#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "pub/source/row.h"

namespace pub {

/// A text with fields of a row in it: "plant/{site}/temperature".
///
///     {name}       the value: text as it is, other JSON as it stands in the row
///     {a.b}        the member b of the object a, unless there is a field "a.b"
///     {name:json}  the value as JSON: text in quotes, with escapes
///     {{ and }}    a brace
class FieldTemplate {
 public:
  FieldTemplate() = default;
  /// The error says what is wrong where.
  static tl::expected<FieldTemplate, std::string> parse(std::string_view text);

  /// Whether it is the same text for every row.
  bool is_constant() const;
  /// The error names the field that is missing, and those that are there.
  tl::expected<std::string, std::string> expand(const Row& row) const;

 private:
  struct Part {
    std::string text;  ///< as it is, or the name of a field
    bool is_field = false;
    bool as_json = false;
  };

  static tl::expected<Part, std::string> read_field(std::string_view text);
  void append_literal(std::string_view text);

  std::vector<Part> parts_;
};

}  // namespace pub
