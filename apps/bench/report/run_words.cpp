#include "bench/report/run_words.h"

#include <fmt/format.h>

#include "bench/report/text_encoding.h"
#include "bench/result/quantity.h"

namespace bench {
namespace {

std::string counted(std::uint64_t count, const char* noun) {
  return fmt::format("{} {}{}", show_count(count), noun, count == 1 ? "" : "s");
}

}  // namespace

std::string run_title(const RunSettings& settings) {
  std::string title = settings.scenario.empty() ? "run" : printable(settings.scenario);
  if (settings.publishers != 0 && settings.subscribers != 0) {
    title += fmt::format(", {} to {}", counted(settings.publishers, "publisher"),
                         counted(settings.subscribers, "subscriber"));
  } else if (settings.publishers != 0) {
    title += ", " + counted(settings.publishers, "publisher");
  } else if (settings.subscribers != 0) {
    title += ", " + counted(settings.subscribers, "subscriber");
  }
  if (settings.publishers + settings.subscribers != 0) {
    title += fmt::format(", QoS {}", settings.qos);
  }
  if (settings.payload_bytes != 0) {
    title += fmt::format(", {}-byte payloads", show_count(settings.payload_bytes));
  }
  return title;
}

std::string load_words(const RunSettings& settings) {
  if (settings.rate) return "open loop, " + show(*settings.rate, Unit::per_second);
  if (settings.window) return "closed loop, window " + show_count(*settings.window);
  return {};
}

std::string verdict_word(const Result& result) {
  if (!result.passed()) return "FAILED";
  return result.interrupted ? "interrupted" : "passed";
}

}  // namespace bench
