// Sections of every kind, read with a table of the test's own: the real one refuses bridges and
// plugins as long as the broker has none.
#include "config/section.h"

#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_parser.h"
#include "config/directive_row.h"
#include "support/memory_source.h"

using namespace broker;

namespace {

/// Notes the sections that the line could belong to, as "listener 0, bridge 1".
void note_sections(ConfigDraft& draft) {
  std::string text;
  for (const Section section : {Section::listener, Section::bridge, Section::plugin}) {
    if (!draft.open.has(section)) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", info(section).name, draft.open.number(section));
  }
  draft.notes.push_back({LogType::debug, text});
}

Outcome set_opening(const Directive& self, ConfigDraft& draft, std::string_view rest) {
  if (trim(rest).empty()) return row::refused({});
  draft.begin(self.opens);
  return {};
}

Outcome set_key(const Directive&, ConfigDraft& draft, std::string_view) {
  note_sections(draft);
  return {};
}

constexpr Directive opening_row(std::string_view name, Scope scope, Section section) {
  return row::opening(
      section, row::special(name, scope, ValueType::string, ReloadEffect::restart, set_opening));
}

constexpr Directive key_row(std::string_view name, Scope scope, Repetition repetition) {
  Directive key = row::special(name, scope, ValueType::list, ReloadEffect::restart, set_key);
  key.repetition = repetition;
  return key;
}

constexpr Directive include_row() {
  Directive include = row::special("include_dir", Scope::global, ValueType::directory,
                                   ReloadEffect::applied, nullptr);
  include.repetition = Repetition::accumulates;
  return include;
}

constexpr auto table = std::to_array<Directive>({
    opening_row("listener", Scope::global, Section::listener),
    opening_row("connection", Scope::global, Section::bridge),
    opening_row("plugin", Scope::security, Section::plugin),
    opening_row("plugin_use", Scope::named_listener, Section::plugin),
    row::boolean<&Config::per_listener_settings>("per_listener_settings", Scope::global,
                                                 ReloadEffect::restart),
    key_row("max_qos", Scope::listener, Repetition::last_wins),
    key_row("address", Scope::bridge, Repetition::refused),
    key_row("topic", Scope::bridge, Repetition::accumulates),
    key_row("plugin_opt_", Scope::plugin, Repetition::last_wins),
    include_row(),
});

struct Reading {
  std::vector<std::string> sections;  ///< of each line that belongs to one, as note_sections writes
  std::vector<std::string> errors;
};

Reading read(MemorySource& source, std::string_view text) {
  ConfigParser parser(source, table);
  parser.parse("test.conf", text);
  ConfigReading done = std::move(parser).read_out({});
  Reading reading;
  for (const ConfigNote& note : done.loaded.notes) {
    if (note.type != LogType::debug) continue;
    constexpr std::string_view separator = ": ";
    reading.sections.push_back(note.text.substr(note.text.find(separator) + separator.size()));
  }
  for (const ConfigError& error : done.errors) reading.errors.push_back(to_text(error));
  return reading;
}

Reading read(std::string_view text) {
  MemorySource nothing;
  return read(nothing, text);
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("A key of a section that no line has opened is an error that names what opens it") {
  CHECK(read("address a").errors ==
        Lines{"test.conf:1: address belongs to a bridge, but no connection line comes before it"});
  CHECK(read("listener 1883\nplugin_opt_x 1").errors ==
        Lines{"test.conf:2: plugin_opt_x belongs to a plugin, but no plugin line comes before it"});
  CHECK(read("connection c\nmax_qos 1").errors ==
        Lines{"test.conf:2: max_qos belongs to a listener, but no listener line comes before it"});
  CHECK(read("plugin_use p").errors ==
        Lines{"test.conf:1: plugin_use belongs to a listener, but no listener line comes before "
              "it"});
}

TEST_CASE("A key belongs to the section of its kind that was opened last") {
  const Reading reading = read(
      "connection first\naddress a\ntopic t\nconnection second\naddress b\ntopic t\ntopic u\n");
  CHECK(reading.errors.empty());
  CHECK(reading.sections == Lines{"bridge 0", "bridge 0", "bridge 1", "bridge 1", "bridge 1"});

  SECTION("and sections of other kinds stay open") {
    const Reading mixed = read(
        "listener 1883\nconnection c\nplugin p\nmax_qos 1\naddress a\nplugin_opt_x 1\n"
        "listener 1884\nplugin_opt_y 1\n");
    CHECK(mixed.errors.empty());
    CHECK(mixed.sections ==
          Lines{"listener 0, bridge 0, plugin 0", "listener 0, bridge 0, plugin 0",
                "listener 0, bridge 0, plugin 0", "listener 1, bridge 0, plugin 0"});
  }
}

TEST_CASE("What may be written once may be written once in each section") {
  CHECK(read("connection c\naddress a\naddress b").errors ==
        Lines{"test.conf:3: address is given twice"});
  CHECK(read("connection c\naddress a\nconnection d\naddress b").errors.empty());
}

TEST_CASE("A plugin belongs to a listener only with per_listener_settings") {
  CHECK(read("plugin p\nplugin_opt_x 1").errors.empty());
  CHECK(read("per_listener_settings true\nplugin p").errors ==
        Lines{"test.conf:2: plugin belongs to a listener, but no listener line comes before it"});
  CHECK(read("per_listener_settings true\nlistener 1883\nplugin p\nplugin_opt_x 1").sections ==
        Lines{"listener 0, plugin 0"});
}

TEST_CASE("The keys after an opening line with an error are not those of the section before") {
  const Reading reading = read("connection first\naddress a\nconnection\naddress b\n");
  CHECK(reading.errors.size() == 1);
  CHECK(reading.sections == Lines{"bridge 0", "bridge 1"});

  SECTION("so that a line out of its section causes no further errors") {
    CHECK(read("per_listener_settings true\nplugin p\nplugin_opt_x 1").errors.size() == 1);
  }
}

TEST_CASE("Every file begins without an open section and leaves those of the outer one open") {
  MemorySource source;
  source.files["d/1.conf"] = "topic t\nconnection inner\ntopic u\n";
  const Reading reading = read(source, "connection outer\ninclude_dir d\ntopic v\n");
  CHECK(reading.errors ==
        Lines{"d/1.conf:1: topic belongs to a bridge, but no connection line comes before it "
              "(included from test.conf:2)"});
  CHECK(reading.sections == Lines{"bridge 1", "bridge 0"});
}
