#pragma once

#include <cstdint>
#include <string_view>

namespace broker {

/// The subject of a line, for a JSON log: each field that is set becomes a member, so that a reader
/// need not parse the text. Views, valid until the call returns.
struct LogFields {
  std::string_view client = {};   ///< its identifier; empty: none
  std::string_view user = {};     ///< empty: none
  std::string_view address = {};  ///< of the client; empty: none
  std::uint16_t port = 0;         ///< of the client; 0: none
  std::string_view reason = {};   ///< why it happened; empty: none
};

}  // namespace broker
