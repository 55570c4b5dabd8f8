#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "config/config_error.h"
#include "config/config_source.h"
#include "config/directive.h"
#include "config/directive_table.h"

namespace broker {

/// A configuration that is in order, and what the operator should hear about it.
struct LoadedConfig {
  Config config;
  std::vector<ConfigNote> notes;
};

using ConfigResult = tl::expected<LoadedConfig, std::vector<ConfigError>>;

/// A configuration as far as it could be read: not for use where there are errors, but for finding
/// more of them. Listeners that are not as they were meant are `gone` then.
struct ConfigReading {
  LoadedConfig loaded;
  std::vector<ConfigError> errors;

  /// The configuration, or all that is wrong with it.
  ConfigResult result() &&;
};

/// Reads the files of one configuration in their order and collects every error in them.
///
/// The grammar, line by line: a line that is empty or begins with # is nothing. Otherwise leading
/// spaces are skipped, the key reaches to the next space, and the rest belongs to the key. A NUL
/// ends the line. An open section (listener, bridge, plugin) belongs to the file that opened it:
/// each file starts with none, and an included file leaves those of the outer file as they were.
class ConfigParser {
 public:
  static constexpr std::size_t max_errors = 100;

  /// `source` serves the included files; it and `table` must outlive the parser.
  explicit ConfigParser(ConfigSource& source, std::span<const Directive> table = directive_table())
      : source_(source), table_(table) {}

  /// Reads one of the main files.
  void read(const std::string& path);

  /// Reads `bytes` as a main file called `name`.
  void parse(const std::string& name, std::string_view bytes);

  /// The whole configuration. If no listener was chosen it is local-only, on `local_ports` (1883
  /// when there are none). The parser is used up.
  ConfigReading read_out(std::span<const std::uint16_t> local_ports) &&;
  ConfigResult finish(std::span<const std::uint16_t> local_ports) && {
    return std::move(*this).read_out(local_ports).result();
  }

 private:
  void parse_lines(std::string_view bytes);
  void parse_line(std::string_view line);
  void apply(const Directive& directive, std::string_view key, std::string_view rest);
  bool enter_section(const Directive& directive, std::string_view key);
  void refuse_without_section(Section section, std::string_view key);
  Section section_of_line(const Directive& directive) const;
  bool is_repeated(const Directive& directive) const;
  void remember(const Directive& directive, std::string_view key);
  void warn_of_more_words(const Directive& directive, std::string_view key, std::string_view rest);
  void begin_unusable(Section section);
  void mark_new_listeners();
  void place_notes(std::size_t from);
  void include(std::string_view key, std::string_view rest);
  void parse_included(const std::string& path, std::string_view bytes);
  void become_local_only(std::span<const std::uint16_t> ports);
  void check_listeners();

  void refuse(const Directive& directive, std::string_view key, const Refusal& refusal);
  void refuse_unknown(std::string_view key);
  void refuse_unreadable(std::string_view key, const std::string& path, const std::string& reason);
  void fail(ConfigError error);
  bool gave_up() const { return errors_.size() >= max_errors; }

  /// Directive, and its section with the number among those of its kind.
  using Occurrence = std::tuple<std::string_view, Section, std::size_t>;
  Occurrence occurrence(const Directive& directive) const;

  ConfigSource& source_;
  std::span<const Directive> table_;
  ConfigDraft draft_;
  std::vector<ConfigError> errors_;
  SourceLine where_;                         ///< the line being read
  std::optional<SourceLine> included_from_;  ///< the include_dir line, while in an included file
  std::set<Occurrence> written_;             ///< what may not be written twice
  std::set<std::string_view> announced_;     ///< keys whose deprecation has been noted
};

}  // namespace broker
