#pragma once

#include <string>

#include "mqtt/credentials/password_hash.h"

namespace mqtt {

/// What `recipe` asks for and must not, or that it makes no sense; empty: it may be computed.
std::string beyond_limits(const HashRecipe& recipe);

}  // namespace mqtt
