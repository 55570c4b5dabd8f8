#pragma once

#include <cstdint>
#include <string_view>

namespace recording {

/// CRC-32C (Castagnoli), as of iSCSI (RFC 3720).
std::uint32_t crc32c(std::string_view bytes);

}  // namespace recording
