#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

/// The first log_dest line replaces the default, `none` all lines before it.
void begin_log_destinations(ConfigDraft& draft, bool clear) {
  if (draft.log_dest_seen && !clear) return;
  draft.log_dest_seen = true;
  draft.config.log.to_stdout = false;
  draft.config.log.to_stderr = false;
  draft.config.log.to_syslog = false;
  draft.config.log.to_topic = false;
  draft.config.log.file.clear();
}

Outcome set_log_file(ConfigDraft& draft, std::string_view rest) {
  const auto path = parse_string(rest);
  if (!path) return refused(trim(rest), "the path of the log file");
  if (!draft.config.log.file.empty()) {
    return tl::make_unexpected(Refusal{ConfigFault::duplicate, {}, {}});
  }
  begin_log_destinations(draft, false);
  draft.config.log.file = std::string(*path);
  return {};
}

Outcome set_log_dest(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const Token word = next_token(rest);
  LogSettings& log = draft.config.log;
  if (word.text == "file") return set_log_file(draft, word.rest);
  if (word.text == "dlt") return not_supported_yet(word.text);
  const bool clear = word.text == "none";
  if (!choice_index("none stdout stderr syslog topic", word.text)) return refused(word.text);
  begin_log_destinations(draft, clear);
  if (word.text == "syslog") log.to_syslog = true;
  if (word.text == "topic") log.to_topic = true;
  if (word.text == "stdout") log.to_stdout = true;
  if (word.text == "stderr") log.to_stderr = true;
  return {};
}

std::string log_dest_text(const Directive&, const Settings& settings) {
  std::string text;
  if (settings.config.log.to_stdout) text += " stdout";
  if (settings.config.log.to_stderr) text += " stderr";
  if (settings.config.log.to_syslog) text += " syslog";
  if (settings.config.log.to_topic) text += " topic";
  if (!settings.config.log.file.empty()) text += " file " + settings.config.log.file;
  return text.empty() ? "none" : text.substr(1);
}

void copy_log_dest(const MutableSettings& to, const Settings& from) {
  to.config.log.to_stdout = from.config.log.to_stdout;
  to.config.log.to_stderr = from.config.log.to_stderr;
  to.config.log.to_syslog = from.config.log.to_syslog;
  to.config.log.to_topic = from.config.log.to_topic;
  to.config.log.file = from.config.log.file;
}

constexpr Directive log_dest_row() {
  Directive row = special("log_dest", global, Type::choice, applied, set_log_dest);
  row.repetition = Repetition::accumulates;
  row.choices = "none stdout stderr syslog topic file";
  row.accepts = "none, stdout, stderr, syslog, topic or file PATH (dlt is not supported yet)";
  row.text = log_dest_text;
  row.copy = copy_log_dest;
  return row;
}

Outcome set_log_type(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  const auto named = std::ranges::find(log_type_names, word);
  const bool is_name = named != log_type_names.end();
  if (!is_name && word != "none" && word != "all") return refused(word);
  LogTypes& types = draft.config.log.types;
  if (!draft.log_type_seen || word == "none") types = LogTypes::none();
  draft.log_type_seen = true;
  if (word == "all") types = LogTypes::all();
  if (is_name) types.insert(static_cast<LogType>(named - log_type_names.begin()));
  return {};
}

std::string log_type_text(const Directive&, const Settings& settings) {
  std::string text;
  for (std::size_t index = 0; index < log_type_names.size(); ++index) {
    if (!settings.config.log.types.contains(static_cast<LogType>(index))) continue;
    if (!text.empty()) text += ' ';
    text += log_type_names[index];
  }
  return text.empty() ? "none" : text;
}

void copy_log_type(const MutableSettings& to, const Settings& from) {
  to.config.log.types = from.config.log.types;
}

constexpr Directive log_type_row() {
  Directive row = special("log_type", global, Type::choice, applied, set_log_type);
  row.repetition = Repetition::accumulates;
  row.choices =
      "error warning notice information debug subscribe unsubscribe websockets internal none all";
  row.text = log_type_text;
  row.copy = copy_log_type;
  return row;
}

/// What is logged, and where.
constexpr auto table = std::to_array<Directive>({
    boolean<&Config::connection_messages>("connection_messages", global, applied),
    log_dest_row(),
    integer<&Config::log, &LogSettings::syslog_local_facility>("log_facility", global,
                                                               {0, 7, false}, applied),
    choice<LogFormat::text, &Config::log, &LogSettings::format>("log_format", global, "text json",
                                                                applied),
    boolean<&Config::log, &LogSettings::show_level>("log_show_level", global, applied),
    boolean<&Config::log, &LogSettings::timestamp>("log_timestamp", global, applied),
    accepting("a format as strftime(3) takes it",
              string<65535, &Config::log, &LogSettings::timestamp_format>(
                  "log_timestamp_format", global, Repetition::refused, applied)),
    log_type_row(),
});

}  // namespace

std::span<const Directive> subject::logging() {
  return table;
}

}  // namespace broker
