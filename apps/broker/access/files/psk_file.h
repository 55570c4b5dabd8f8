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
/// One `IDENTITY:HEXKEY` per line; lines that begin with # or have no colon are ignored. So is
/// everything after a second colon. An odd number of digits is padded with a leading zero.
class PskFile {
 public:
  /// All errors of the file, or the file: one invalid line makes the whole file invalid.
  static tl::expected<PskFile, std::vector<mqtt::LineNote>> parse(std::string_view text);

  /// nullopt: the identity does not exist or has no key.
  std::optional<std::vector<std::uint8_t>> key(std::string_view identity) const;
  std::size_t size() const { return keys_.size(); }
  /// Lines without effect.
  const std::vector<mqtt::LineNote>& warnings() const { return warnings_; }

 private:
  std::string take_line(std::size_t number, std::string_view line);

  std::map<std::string, std::vector<std::uint8_t>, std::less<>> keys_;
  std::vector<mqtt::LineNote> warnings_;
};

}  // namespace broker
