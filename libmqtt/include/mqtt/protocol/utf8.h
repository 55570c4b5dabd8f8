#pragma once

#include <string_view>

namespace mqtt {

/// Whether `text` is valid in an MQTT string field: well-formed UTF-8 (no overlong form, no
/// surrogate, nothing above U+10FFFF) [MQTT-1.5.4-1], no U+0000 [MQTT-1.5.4-2], and none of the
/// code points that the standard allows a receiver to refuse and that Mosquitto refuses: control
/// characters U+0001..U+001F and U+007F..U+009F, non-characters U+FDD0..U+FDEF and U+xxFFFE,
/// U+xxFFFF. Runs of ASCII are checked eight bytes at a time.
bool is_valid_utf8(std::string_view text);

}  // namespace mqtt
