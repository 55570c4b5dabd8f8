#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cli/options/option_binding.h"

namespace cli {

/// A command line that was not followed by work: what to print, where, and how to end.
struct CommandLineEnd {
  bool is_error = false;  ///< stderr instead of stdout
  std::string text;
  int status = 0;
};

/// An application without CLI11's own `-h` (which is the host here), with `--help` and `--version`.
/// `description` is one line, `footer` the examples.
std::unique_ptr<CLI::App> make_app(const std::string& name, const std::string& description,
                                   const std::string& footer);

/// The version of the tools, "1.2.3".
std::string program_version();

/// Reads `words` (without the program's name) into what `app` is bound to, from left to right.
///
/// The words behind `-D` reach its setter joined by NUL bytes (which no word can contain), see
/// `split_words`; all else is CLI11's grammar. Errors name the option, the nearest one if it is
/// unknown, and end with a hint to `--help`.
tl::expected<void, CommandLineEnd> parse_command_line(CLI::App& app,
                                                      std::vector<std::string> words);
/// The same for a tool that takes operands: the first word that is no option (or `--`) ends the
/// options, and it and all behind it are operands, whatever they look like.
tl::expected<void, CommandLineEnd> parse_command_line(CLI::App& app, std::vector<std::string> words,
                                                      std::vector<std::string>& operands);

/// Gives a tool -o, its default options file, and --profile: before the command line is read, so
/// are these files, with the same grammar. `parse_command_line` does so for the tools that have
/// them.
void bind_options_files(CLI::App& app);
/// The same for a tool that has --profile alone.
void bind_profiles(CLI::App& app);

/// A usage error in the words of the tool: message, empty line, hint; status 1. Passwords in URLs
/// are hidden.
CommandLineEnd usage_error(const CLI::App& app, const std::string& message);

/// Prints it where it belongs; the status for `main`.
int end(const CommandLineEnd& end);

/// The words that were joined by NUL bytes.
std::vector<std::string> split_words(const std::string& joined);

}  // namespace cli
