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

namespace broker {

/// The pre-shared keys of a `psk_file`, by identity. Immutable once read.
///
/// One `IDENTITY:HEXKEY` a line; a line that begins with # or holds no colon is nothing. What follows a
/// second colon is ignored. An odd number of digits counts as if a zero stood before them.
class PskFile {
 public:
  /// Reads a whole file, or nothing of it: the error is "FILE:LINE: what is wrong".
  static tl::expected<PskFile, std::string> read(const std::string& path);
  static tl::expected<PskFile, std::string> parse(const std::string& name, std::string_view text);

  /// nullopt: nobody has this identity, or it has no key.
  std::optional<std::vector<std::uint8_t>> key(std::string_view identity) const;
  std::size_t size() const { return keys_.size(); }
  /// Lines that were taken and mean nothing, for the log.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  std::optional<std::string> take_line(const std::string& where, std::string_view line);

  std::map<std::string, std::vector<std::uint8_t>, std::less<>> keys_;
  std::vector<std::string> warnings_;
};

}  // namespace broker
