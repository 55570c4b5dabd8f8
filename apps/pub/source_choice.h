#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "mqtt/io/loop.h"
#include "pub/pub_options.h"
#include "pub/source/message_source.h"

namespace pub {

/// The source of messages for `options`. Reads what must be read before connecting.
/// The options must outlive the source.
tl::expected<std::unique_ptr<MessageSource>, std::string> make_source(const PubOptions& options,
                                                                      mqtt::io::Loop& loop);

}  // namespace pub
