#pragma once

#include <optional>
#include <string>

#include "pub/probe/report.h"

namespace pub {

/// What the certificate says; nullopt: this is none.
std::optional<CertificateFacts> facts_of(const std::string& certificate_pem);

}  // namespace pub
