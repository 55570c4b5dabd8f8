#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cli {

/// Cuts a stream of bytes into lines of any length, without copying those that lie within one
/// chunk.
///
///     splitter.feed(chunk);
///     while (auto line = splitter.next()) ...   // may stop and go on later
///     ... at the end of input: if (auto line = splitter.last_line()) ...
///
/// A line ends at '\n', which is not part of it; '\r' and NUL bytes are like any other. A line is
/// valid until the next call of `next`, `feed` or `last_line`.
class LineSplitter {
 public:
  /// Lends `chunk` until `next` has answered nullopt. Only then may the next one come.
  void feed(std::string_view chunk) { chunk_ = chunk; }
  /// The next whole line; nullopt when the chunk is used up (what is left of it is kept).
  std::optional<std::string_view> next();
  /// What came behind the last '\n', if anything did.
  std::optional<std::string_view> last_line();

  /// Bytes of the chunk that are not yet cut.
  std::size_t unread_size() const { return chunk_.size(); }
  /// Bytes of a line whose end has not been seen yet.
  std::size_t unfinished_size() const { return partial_is_complete_ ? 0 : partial_.size(); }

 private:
  std::string_view chunk_;            ///< what is not yet cut
  std::string partial_;               ///< the beginning of a line, from earlier chunks
  bool partial_is_complete_ = false;  ///< `partial_` was handed out as a line and can go
};

}  // namespace cli
