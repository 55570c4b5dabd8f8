#pragma once

#include <string>

#include "bench/result/result.h"

/// The text forms of a run.
namespace bench {

/// "pair, 100 publishers to 100 subscribers, QoS 1, 64-byte payloads".
std::string run_title(const RunSettings& settings);

/// "closed loop, window 20" or "open loop, 20,000/s"; empty: neither.
std::string load_words(const RunSettings& settings);

/// "passed", "FAILED", "interrupted".
std::string verdict_word(const Result& result);

}  // namespace bench
