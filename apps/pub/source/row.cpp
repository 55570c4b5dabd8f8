#include "pub/source/row.h"

#include <algorithm>

#include "cli/output/json_writer.h"

namespace pub {

const Field* Row::find(std::string_view name) const {
  const auto found = std::find_if(fields.rbegin(), fields.rend(),
                                  [name](const Field& field) { return field.name == name; });
  return found == fields.rend() ? nullptr : &*found;
}

std::string Row::as_json() const {
  if (!json.empty()) return json;
  std::string made;
  cli::JsonWriter writer(made, cli::JsonWriter::Style::compact);
  writer.begin_object();
  for (const Field& field : fields) {
    writer.key(field.name);
    writer.string(field.text);
  }
  writer.end_object();
  return made;
}

}  // namespace pub
