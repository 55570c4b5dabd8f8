#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "config/source_line.h"

namespace broker {

/// The lines that the keys of a configuration were written in, for messages about what their values
/// lead to: a file that cannot be read or a port that is in use. Not part of the value: two
/// configurations with the same values in different lines are equal.
class Origins {
 public:
  /// `key` lives for ever, as those of the directive table do. A later line replaces an earlier
  /// one.
  void note(std::string_view key, const SourceLine& where) { lines_[key] = where; }
  /// nullopt: the key is not written.
  std::optional<SourceLine> find(std::string_view key) const {
    const auto position = lines_.find(key);
    if (position == lines_.end()) return std::nullopt;
    return position->second;
  }

  friend bool operator==(const Origins&, const Origins&) { return true; }

 private:
  std::map<std::string_view, SourceLine> lines_;
};

}  // namespace broker
