#pragma once

#include <optional>
#include <string>

#include "probe/report.h"

namespace probe {

/// What the certificate says; nullopt: this is none.
std::optional<CertificateFacts> facts_of(const std::string& certificate_pem);

}  // namespace probe
