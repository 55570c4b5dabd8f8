#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/credentials/line_reader.h"

namespace broker {

/// The pre-shared keys of a `psk_file`, by identity. Immutable once read.
///
/// One `IDENTITY:HEXKEY` a line; a line that begins with # or holds no colon is nothing. What
/// follows a second colon is ignored. An odd number of digits counts as if a zero stood before
/// them.
class PskFile {
 public:
  /// All errors of the file, or the file: one wrong line refuses it as a whole.
  static tl::expected<PskFile, std::vector<mqtt::LineNote>> parse(std::string_view text);

  /// nullopt: nobody has this identity, or it has no key.
  std::optional<std::vector<std::uint8_t>> key(std::string_view identity) const;
  std::size_t size() const { return keys_.size(); }
  /// Lines that were taken and mean nothing.
  const std::vector<mqtt::LineNote>& warnings() const { return warnings_; }

 private:
  std::string take_line(std::size_t number, std::string_view line);

  std::map<std::string, std::vector<std::uint8_t>, std::less<>> keys_;
  std::vector<mqtt::LineNote> warnings_;
};

}  // namespace broker
