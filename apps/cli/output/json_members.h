#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// A member of a JSON object.
struct JsonMember {
  std::string name;
  std::string text;        ///< of a string its characters; of everything else the JSON as it stands
  bool is_string = false;  ///< whether `text` is the former
};

/// The members of the object that `text` is, in their order, repeated names too; numbers keep every
/// digit. nullopt: the whole of `text` is not one JSON object.
std::optional<std::vector<JsonMember>> json_members(std::string_view text);

}  // namespace cli
