#include "openssl_error.h"

#include <openssl/err.h>

#include <cstring>

namespace mqtt::io {

std::string openssl_reasons() {
  std::string reasons;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    const char* const reason = ERR_SYSTEM_ERROR(code) ? std::strerror(ERR_GET_REASON(code))
                                                      : ERR_reason_error_string(code);
    if (!reasons.empty()) reasons += ": ";
    reasons += reason != nullptr ? reason : "error " + std::to_string(code);
    if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') {
      reasons += " (";
      reasons += data;
      reasons += ")";
    }
  }
  return reasons;
}

std::string openssl_error(std::string what) {
  const std::string reasons = openssl_reasons();
  return reasons.empty() ? what : what + ": " + reasons;
}

}  // namespace mqtt::io
