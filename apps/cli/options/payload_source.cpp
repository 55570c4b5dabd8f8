#include "cli/options/payload_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "cli/input/file_content.h"
#include "cli/input/payload_limit.h"

namespace cli {

namespace {

using Kind = PayloadSource::Kind;

Verdict choose(PayloadSource& source, Kind kind, std::string text = {}) {
  if (source.kind != Kind::none) {
    return tl::unexpected(
        std::string("only one of -m, -f, -n, -s and -l can be given, and only once"));
  }
  if (kind == Kind::message && text.size() > max_payload_bytes) {
    return tl::unexpected(
        fmt::format("{} bytes are too many, at most {} fit", text.size(), max_payload_bytes));
  }
  source.kind = kind;
  source.text = std::move(text);
  return {};
}

}  // namespace

void bind_payload_options(CLI::App& app, PayloadSource& source, bool lines) {
  app.option_defaults()->group("Payload (exactly one)");
  add_value(app, "-m,--message", "TEXT", "This text",
            [&source](const std::string& text) { return choose(source, Kind::message, text); });
  add_value(app, "-f,--file", "PATH", "The content of this file or pipe; - is standard input",
            [&source](const std::string& path) {
              return path == "-" ? choose(source, Kind::whole_stdin)
                                 : choose(source, Kind::file, path);
            });
  add_switch(app, "-n,--null-message", "Empty", [&source] { return choose(source, Kind::null); });
  add_switch(app, "-s,--stdin-file", "All of standard input",
             [&source] { return choose(source, Kind::whole_stdin); });
  if (!lines) return;
  add_switch(app, "-l,--stdin-line", "One message for each line of standard input",
             [&source] { return choose(source, Kind::stdin_lines); });
}

tl::expected<std::string, std::string> load_payload(const PayloadSource& source) {
  switch (source.kind) {
    case Kind::message:
      return source.text;
    case Kind::file:
      return read_file(source.text, FileKind::filled_pipe);
    case Kind::whole_stdin: {
      auto payload = read_whole(STDIN_FILENO);
      if (!payload) return tl::unexpected("cannot read the standard input: " + payload.error());
      if (payload->empty()) return tl::unexpected(std::string("the standard input is empty"));
      return payload;
    }
    default:
      return std::string();
  }
}

}  // namespace cli
