#include "pub/publish_progress.h"

#include <fmt/format.h>

#include <vector>

#include "cli/output/terminal_line.h"

namespace pub {

namespace {

/// "3:07" or "2:03:07".
std::string duration_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  const std::uint64_t hours = whole / 3600;
  const std::uint64_t minutes = whole / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                   : fmt::format("{}:{:02}", minutes, whole % 60);
}

struct Part {
  std::string text;
  unsigned columns;
};

Part plain(std::string text) {
  const auto columns = static_cast<unsigned>(text.size());
  return {std::move(text), columns};
}

}  // namespace

std::string progress_text(std::uint64_t sent, std::optional<double> share,
                          std::chrono::duration<double> elapsed, unsigned columns) {
  constexpr unsigned bar_columns = 22;
  const double seconds = elapsed.count();
  std::vector<Part> parts;
  if (share) {
    parts.push_back({cli::progress_bar(*share), bar_columns});
    parts.push_back(plain(fmt::format("{:3.0f} %", *share * 100)));
  }
  parts.push_back(plain(fmt::format("{} sent", sent)));
  if (seconds > 0) {
    parts.push_back(plain(fmt::format("{:.0f}/s", static_cast<double>(sent) / seconds)));
  }
  if (share && *share > 0 && *share < 1) {
    parts.push_back(plain(duration_text(seconds / *share * (1 - *share)) + " left"));
  } else {
    parts.push_back(plain(duration_text(seconds)));
  }
  std::string line;
  unsigned used = 0;
  for (const Part& part : parts) {
    const unsigned gap = line.empty() ? 0 : 2;
    if (used + gap + part.columns > columns) break;
    line.append(gap, ' ').append(part.text);
    used += gap + part.columns;
  }
  return line;
}

}  // namespace pub
