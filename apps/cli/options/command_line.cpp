#include "cli/options/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>

#include "cli/input/file_content.h"
#include "cli/options/exit_code.h"
#include "cli/options/options_file.h"
#include "cli/options/packet_properties.h"
#include "cli/options/suggestion.h"
#include "cli/options/url_secrets.h"

namespace cli {

namespace {

constexpr char word_separator = '\0';
constexpr std::string_view property_option = "--property";
constexpr std::string_view options_file_option = "-o";
constexpr std::string_view profile_option = "--profile";

/// The names that help shows: an option without a group is invisible.
std::vector<std::string> visible_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// An option where it stands; the words of a -D are joined.
struct GivenOption {
  std::string name;
  std::optional<std::string> value;
};

/// Walks over the words as CLI11 will, from option to option, and writes them down again in a form
/// without doubt: every value a word of its own behind its option, `-D` with one joined value.
class WordReader {
 public:
  /// With `operands`: the first word that is no option, and all behind it, go there.
  WordReader(const CLI::App& app, std::span<const std::string> words,
             std::vector<std::string>* operands)
      : app_(app), words_(words), operands_(operands) {}

  tl::expected<std::vector<GivenOption>, std::string> read() {
    while (!words_.empty()) {
      const std::string word = words_.front();
      if (operands_ != nullptr && begins_operands(word)) break;
      words_ = words_.subspan(1);
      const Verdict verdict = word.starts_with("--") && word.size() > 2 ? read_long(word)
                              : word.starts_with('-') && word.size() > 1 && word != "--"
                                  ? read_short(word)
                                  : Verdict(tl::unexpect, unexpected(word));
      if (!verdict) return tl::unexpected(verdict.error());
    }
    if (operands_ != nullptr) operands_->assign(words_.begin(), words_.end());
    return std::move(out_);
  }

 private:
  bool begins_operands(const std::string& word) {
    if (word == "--") {
      words_ = words_.subspan(1);
      return true;
    }
    return word == "-" || !word.starts_with('-');
  }

  static std::string unexpected(const std::string& word) {
    return fmt::format("\"{}\" is neither an option nor the value of one", word);
  }

  const CLI::Option* find(const std::string& name) const { return app_.get_option_no_throw(name); }

  Verdict unknown(const std::string& name) const {
    const std::vector<std::string> names = visible_names(app_);
    return tl::unexpected(
        fmt::format("unknown option '{}'{}", name,
                    name.starts_with("--") ? suggestion(name, names) : std::string()));
  }

  Verdict read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const CLI::Option* option = find(name);
    if (option == nullptr) return unknown(name);
    if (option->get_items_expected_max() == 0) {
      if (equals != std::string::npos) {
        return tl::unexpected(fmt::format("{} takes no value", name));
      }
      out_.push_back({name, std::nullopt});
      return {};
    }
    return equals == std::string::npos ? read_value(*option, name)
                                       : read_value(*option, name, word.substr(equals + 1));
  }

  /// "-v", "-vN", "-p 1883", "-p1883", "-vp 1883".
  Verdict read_short(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string name{'-', word[i]};
      const CLI::Option* option = find(name);
      if (option == nullptr) return unknown(word.size() == 2 ? name : word);
      if (option->get_items_expected_max() == 0) {
        out_.push_back({name, std::nullopt});
        continue;
      }
      const std::string joined = word.substr(i + 1);
      return joined.empty() ? read_value(*option, name) : read_value(*option, name, joined);
    }
    return {};
  }

  Verdict read_value(const CLI::Option& option, const std::string& name) {
    if (words_.empty()) {
      return tl::unexpected(fmt::format("{}: a value must follow", name));
    }
    const std::string value = words_.front();
    words_ = words_.subspan(1);
    return read_value(option, name, value);
  }

  Verdict read_value(const CLI::Option& option, const std::string& name, std::string value) {
    if (option.check_name(std::string(property_option))) {
      const std::size_t count = property_words_behind(value);
      for (const std::string& word : words_.first(count)) value += word_separator + word;
      words_ = words_.subspan(count);
    }
    out_.push_back({name, std::move(value)});
    return {};
  }

  /// How many of the next words belong to a `-D` whose first word is `command`.
  std::size_t property_words_behind(const std::string& command) const {
    std::vector<std::string> words{command};
    words.insert(words.end(), words_.begin(), words_.end());
    return std::min(property_word_count(words) - 1, words_.size());
  }

  const CLI::App& app_;
  std::span<const std::string> words_;  ///< not yet read
  std::vector<std::string>* operands_;
  std::vector<GivenOption> out_;
};

/// Runs the setters. Errors begin with `prefix`, if that is not empty.
tl::expected<void, CommandLineEnd> apply(CLI::App& app, const std::vector<GivenOption>& options,
                                         const std::string& prefix) {
  std::vector<std::string> words;
  for (const GivenOption& option : options) {
    words.push_back(option.name);
    if (option.value) words.push_back(*option.value);
  }
  std::ranges::reverse(words);  // CLI11 takes them from the back
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return tl::unexpected(CommandLineEnd{false, app.help(), status(ExitCode::success)});
  } catch (const CLI::CallForVersion& version) {
    return tl::unexpected(
        CommandLineEnd{false, std::string(version.what()) + "\n", status(ExitCode::success)});
  } catch (const CLI::ParseError& error) {
    return tl::unexpected(usage_error(app, prefix + error.what()));
  }
  return {};
}

/// How an options file gives the option's value: by what the help calls it.
FileValue file_value_of(const CLI::Option& option) {
  constexpr std::array content{"--message", "--will-payload", "--pw", "-F"};
  constexpr std::array numbers{"PORT", "SECONDS", "COUNT", "QOS", "PERCENT", "FACTOR", "RATE"};
  const auto is_this = [&option](const char* name) { return option.check_name(name); };
  if (std::ranges::any_of(content, is_this)) return FileValue::content;
  return std::ranges::find(numbers, option.get_type_name()) != numbers.end() ? FileValue::number
                                                                             : FileValue::text;
}

/// The words of a line with its value as the option wants it. What is no option is left to
/// WordReader.
std::vector<std::string> tidied(const CLI::App& app, const OptionsLine& line) {
  std::vector<std::string> words = line.words;
  const CLI::Option* const option = app.get_option_no_throw(words.front());
  if (option != nullptr && words.size() == 2) {
    words.back() = file_value(words.back(), file_value_of(*option));
  }
  return words;
}

tl::expected<void, CommandLineEnd> apply_file(CLI::App& app, const std::string& path) {
  const auto text = read_file(path, FileKind::any);
  if (!text) {
    // As of old a file of options that is not there is none; but that should not go unseen.
    std::fprintf(stderr, "Warning: no options are read: %s.\n", text.error().c_str());
    return {};
  }
  for (const OptionsLine& line : parse_options_file(*text)) {
    const std::string prefix = fmt::format("{}:{}: ", path, line.number);
    const auto options = WordReader(app, tidied(app, line), nullptr).read();
    if (!options) return tl::unexpected(usage_error(app, prefix + options.error()));
    if (auto applied = apply(app, *options, prefix); !applied) return applied;
  }
  return {};
}

/// The values of an option, in order.
std::vector<std::string> values_of(const std::vector<GivenOption>& options, std::string_view name) {
  std::vector<std::string> values;
  for (const GivenOption& option : options) {
    if (option.name == name) values.push_back(*option.value);
  }
  return values;
}

/// The file that -o names, or the default one, for a tool that has -o.
tl::expected<void, CommandLineEnd> apply_options_file(CLI::App& app,
                                                      const std::vector<GivenOption>& options) {
  if (app.get_option_no_throw(std::string(options_file_option)) == nullptr) return {};
  const std::vector<std::string> named = values_of(options, options_file_option);
  if (named.size() > 1) {
    return tl::unexpected(usage_error(app, "-o: only one options file can be given"));
  }
  const auto path = named.empty() ? default_options_file(app.get_name()) : named.front();
  if (!path) return {};
  return apply_file(app, *path);
}

/// What stands in files comes before the command line, which may contradict it: first the options
/// of the tool, then the profile.
tl::expected<void, CommandLineEnd> apply_files(CLI::App& app,
                                               const std::vector<GivenOption>& options) {
  if (auto applied = apply_options_file(app, options); !applied) return applied;
  for (const std::string& name : values_of(options, profile_option)) {
    const auto profile = profile_file(name);
    if (!profile) return tl::unexpected(usage_error(app, "--profile: " + profile.error()));
    if (auto applied = apply_file(app, *profile); !applied) return applied;
  }
  return {};
}

/// Files are read before everything else, see `apply_files`.
Verdict already_read(const std::string& /*name*/) {
  return {};
}

tl::expected<void, CommandLineEnd> parse(CLI::App& app, const std::vector<std::string>& words,
                                         std::vector<std::string>* operands) {
  const auto options = WordReader(app, words, operands).read();
  if (!options) return tl::unexpected(usage_error(app, options.error()));
  if (app.get_option_no_throw(std::string(profile_option)) != nullptr) {
    if (auto applied = apply_files(app, *options); !applied) return applied;
  }
  return apply(app, *options, "");
}

}  // namespace

std::unique_ptr<CLI::App> make_app(const std::string& name, const std::string& description,
                                   const std::string& footer) {
  auto app = std::make_unique<CLI::App>(description, name);
  app->set_help_flag("--help", "Print this help and exit");
  app->set_version_flag("--version", name + " " MQTT_VERSION, "Print the version and exit");
  app->get_formatter()->column_width(38);
  app->footer(footer);
  return app;
}

std::string program_version() {
  return MQTT_VERSION;
}

tl::expected<void, CommandLineEnd> parse_command_line(CLI::App& app,
                                                      std::vector<std::string> words) {
  return parse(app, words, nullptr);
}

tl::expected<void, CommandLineEnd> parse_command_line(CLI::App& app, std::vector<std::string> words,
                                                      std::vector<std::string>& operands) {
  return parse(app, words, &operands);
}

void bind_options_files(CLI::App& app) {
  app.option_defaults()->group("Options");
  add_value(app, std::string(options_file_option), "FILE",
            "Read options from this file instead of your own options file", already_read);
  bind_profiles(app);
}

void bind_profiles(CLI::App& app) {
  app.option_defaults()->group("Options");
  add_value(app, std::string(profile_option), "NAME",
            "Read options from this file in ~/.config/mqtt/profiles", already_read);
}

CommandLineEnd usage_error(const CLI::App& app, const std::string& message) {
  // A question, such as "did you mean ...?", has its own end.
  const bool is_whole = message.ends_with('?') || message.ends_with('.');
  return {true,
          fmt::format("Error: {}{}\n\nUse '{} --help' to see usage.\n",
                      without_url_passwords(message), is_whole ? "" : ".", app.get_name()),
          status(ExitCode::failure)};
}

int end(const CommandLineEnd& end) {
  std::fputs(end.text.c_str(), end.is_error ? stderr : stdout);
  return end.status;
}

std::vector<std::string> split_words(const std::string& joined) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  for (std::size_t end; (end = joined.find(word_separator, begin)) != std::string::npos;) {
    words.push_back(joined.substr(begin, end - begin));
    begin = end + 1;
  }
  words.push_back(joined.substr(begin));
  return words;
}

}  // namespace cli
