// What is written about the configuration, the command line and drops says what the program does.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/directive_table.h"
#include "metrics/drop_reason.h"
#include "process/options.h"

using broker::Directive;
using broker::directive_table;
using broker::Support;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(std::string(MQTT_SOURCE_DIR "/") + path);
  INFO(path);
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return lines_of(text.str());
}

/// The lines after the one that is `heading`, up to the next that begins with `next`.
std::vector<std::string> section(const std::vector<std::string>& lines, std::string_view heading,
                                 std::string_view next) {
  std::vector<std::string> inside;
  bool found = false;
  for (const std::string& line : lines) {
    if (found && line.starts_with(next)) break;
    if (found) inside.push_back(line);
    if (line == heading) found = true;
  }
  INFO(heading);
  REQUIRE_FALSE(inside.empty());
  return inside;
}

std::set<std::string> matches(const std::vector<std::string>& lines, const std::regex& pattern) {
  std::set<std::string> found;
  for (const std::string& line : lines) {
    for (std::sregex_iterator match(line.begin(), line.end(), pattern), end; match != end;
         ++match) {
      found.insert((*match)[1].str());
    }
  }
  return found;
}

/// As the documents name a key: one that stands for several ends in a star.
std::string shown_name(const Directive& row) {
  return row.name.ends_with('_') ? std::string(row.name) + "*" : std::string(row.name);
}

std::set<std::string> names_with(Support support) {
  std::set<std::string> names;
  for (const Directive& row : directive_table()) {
    if (row.support == support) names.insert(shown_name(row));
  }
  return names;
}

/// A supported key's line in docs/configuration.md, up to its meaning.
std::string table_line(const Directive& row) {
  const std::string value = default_text(row);
  std::string line = "| `" + std::string(row.name) + "` | " + std::string(to_text(row.type));
  line += " | " + (value.empty() ? "-" : "`" + value + "`");
  line += " | " + accepted_values(row) + " | " + std::string(to_text(row.reload)) + " | ";
  return row.deprecated ? line + "Deprecated. " : line;
}

std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '-') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// Without font changes and with plain hyphens.
std::string unroff(const std::string& text) {
  const std::string plain = std::regex_replace(text, std::regex("\\\\f."), "");
  return std::regex_replace(plain, std::regex("\\\\-"), "-");
}

/// A supported key's first line in mqtt-broker.conf.5.
std::string manual_line(const Directive& row) {
  const std::string value = default_text(row);
  std::string line = "Takes " + accepted_values(row) + ".";
  if (!value.empty()) line += " Default: " + value + ".";
  return roff(line + " On reload: " + std::string(to_text(row.reload)) + ".");
}

}  // namespace

TEST_CASE("docs/configuration.md describes every supported key as the table has it") {
  const auto lines = read_lines("docs/configuration.md");
  std::set<std::string> described;
  for (const std::string& line : lines) {
    for (const Directive& row : directive_table()) {
      if (row.support != Support::supported || !line.starts_with(table_line(row))) continue;
      CAPTURE(line);
      CHECK(line.size() > table_line(row).size() + 10);  // it says what the key means
      CHECK(described.insert(std::string(row.name)).second);
    }
  }
  for (const Directive& row : directive_table()) {
    INFO("expected a line that begins with: " << table_line(row));
    if (row.support == Support::supported) CHECK(described.contains(std::string(row.name)));
  }
  const std::regex key_line("^\\| `([a-z_0-9.]+)` \\|");
  CHECK(matches(lines, key_line) == names_with(Support::supported));
}

TEST_CASE("docs/configuration.md lists the keys that are not supported yet or without effect") {
  const auto lines = read_lines("docs/configuration.md");
  std::vector<std::string> items;
  for (const auto& line : section(lines, "## Known, and not supported yet", "## ")) {
    if (line.starts_with("- ") || line.starts_with("  ")) items.push_back(line);
  }
  const std::regex key("`([^`]+)`");
  CHECK(matches(items, key) == names_with(Support::not_yet));
  CHECK(matches(section(lines, "## Without effect", "## "), key) ==
        names_with(Support::without_effect));
}

TEST_CASE("mqtt-broker.conf(5) describes every key") {
  const auto lines = read_lines("man/mqtt-broker.conf.5");
  const auto keys = section(lines, ".SH KEYS", ".SH ");
  std::set<std::string> described;
  for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
    if (keys[i] != ".TP" || !keys[i + 1].starts_with(".B ")) continue;
    const std::string name = unroff(keys[i + 1].substr(3));
    CAPTURE(name);
    const Directive* row = broker::find_directive(name);
    REQUIRE(row != nullptr);
    REQUIRE(i + 2 < keys.size());
    CHECK(keys[i + 2] == manual_line(*row));
    CHECK(described.insert(name).second);
  }
  CHECK(described == names_with(Support::supported));

  const std::regex key("^\\.BR ([^ ]+)");
  std::set<std::string> refused;
  for (const auto& name : matches(section(lines, ".SH NOT SUPPORTED YET", ".SH "), key)) {
    refused.insert(unroff(name));
  }
  CHECK(refused == names_with(Support::not_yet));
  CHECK(matches(section(lines, ".SH KEYS WITHOUT EFFECT", ".SH "), key) ==
        names_with(Support::without_effect));
}

TEST_CASE("mqtt-broker(8) describes the options and exit codes that --help shows") {
  const auto lines = read_lines("man/mqtt-broker.8");
  const auto help = lines_of(broker::help_text());

  const std::regex long_option("(--[a-z-]+)");
  const std::regex short_option("^  (-[a-z]),");
  std::vector<std::string> described;
  for (const auto& line : section(lines, ".SH OPTIONS", ".SH ")) {
    if (line.starts_with("\\fB")) described.push_back(unroff(line));
  }
  std::vector<std::string> shown;
  for (const auto& line : section(help, "Options:", "Examples:")) {
    if (line.starts_with("  -")) shown.push_back(line);
  }
  CHECK(shown.size() == 9);
  CHECK(described.size() == shown.size());
  CHECK(matches(described, long_option) == matches(shown, long_option));
  CHECK(matches(described, std::regex("^(-[a-z]),")) == matches(shown, short_option));

  const auto exit_help = section(help, "Exit status:", "SIGHUP");
  const auto exit_manual = section(lines, ".SH EXIT STATUS", ".SH ");
  CHECK(matches(exit_manual, std::regex("^\\.B ([0-9]+)")) ==
        matches(exit_help, std::regex("^  ([0-9]+)")));
}

TEST_CASE("docs/drop-reasons.md has a chapter for each reason, under the kind that it is") {
  const auto lines = read_lines("docs/drop-reasons.md");
  const auto chapters = [&](const char* heading) {
    return matches(section(lines, heading, "## "), std::regex("^### ([a-z_0-9]+)$"));
  };
  std::set<std::string> limits;
  std::set<std::string> rules;
  for (std::size_t row = 0; row < broker::number_of_drop_reasons; ++row) {
    const auto& reason = broker::info(static_cast<broker::DropReason>(row));
    (reason.kind == broker::DropKind::limit ? limits : rules).emplace(reason.name);
  }
  CHECK(chapters("## Limits reached") == limits);
  CHECK(chapters("## Not meant to arrive") == rules);
}

TEST_CASE("the README leads to the pages on what the broker tells of itself") {
  const auto linked = matches(read_lines("README.md"), std::regex("\\]\\((docs/[a-z-]+\\.md)\\)"));
  for (const char* page : {"log-lines", "sys-topics", "drop-reasons"}) {
    CHECK(linked.contains("docs/" + std::string(page) + ".md"));
  }
}
