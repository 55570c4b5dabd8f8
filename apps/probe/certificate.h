#pragma once

#include <optional>
#include <string>

#include "probe/report.h"

namespace probe {

/// The content of the certificate; nullopt: it cannot be parsed.
std::optional<CertificateFacts> facts_of(const std::string& certificate_pem);

}  // namespace probe
