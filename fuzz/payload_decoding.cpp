// A payload that mqtt-sub decodes: whatever it holds, CBOR and MessagePack become JSON or are
// refused with a reason, and nothing goes down deeper than it may. What is shown of it on a
// terminal holds no command. The first byte chooses the coding.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/output/printable_text.h"
#include "sub/payload_decoding.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto coding = static_cast<sub::PayloadCoding>(data[0] % 5);
  const std::string_view payload(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto decoded = sub::decode_payload(coding, payload, {});
  if (!decoded) {
    require(!decoded.error().empty());
    return 0;
  }
  if (coding == sub::PayloadCoding::cbor || coding == sub::PayloadCoding::msgpack) {
    require(nlohmann::json::accept(*decoded));
  }
  std::string printable;
  cli::append_printable(printable, *decoded);
  require(cli::is_utf8(printable));
  std::string safe(payload);
  cli::escape_controls(safe, 0);
  require(cli::is_utf8(safe));
  require(safe.find_first_of("\x1B\x7F\a\b") == std::string::npos);
  require(safe.find("\xC2\x9B") == std::string::npos);
  return 0;
}
