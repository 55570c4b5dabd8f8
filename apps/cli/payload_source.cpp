#include "cli/payload_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

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

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::string system_error() {
  return std::strerror(errno);
}

tl::expected<std::string, std::string> load_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    return tl::unexpected(fmt::format("cannot read \"{}\": {}", path, system_error()));
  }
  if (!S_ISREG(status.st_mode)) {
    return tl::unexpected(fmt::format("cannot read \"{}\": not a file", path));
  }
  return read_whole(file.number()).map_error([&path](const std::string& error) {
    return fmt::format("cannot read \"{}\": {}", path, error);
  });
}

}  // namespace

void bind_payload_options(CLI::App& app, PayloadSource& source, bool lines) {
  app.option_defaults()->group("Payload (exactly one)");
  add_value(app, "-m,--message", "TEXT", "This text",
            [&source](const std::string& text) { return choose(source, Kind::message, text); });
  add_value(app, "-f,--file", "PATH", "The whole of this file",
            [&source](const std::string& path) { return choose(source, Kind::file, path); });
  add_switch(app, "-n,--null-message", "Empty", [&source] { return choose(source, Kind::null); });
  add_switch(app, "-s,--stdin-file", "The whole of the standard input",
             [&source] { return choose(source, Kind::whole_stdin); });
  if (!lines) return;
  add_switch(app, "-l,--stdin-line", "One message for each line of the standard input",
             [&source] { return choose(source, Kind::stdin_lines); });
}

tl::expected<std::string, std::string> load_payload(const PayloadSource& source) {
  switch (source.kind) {
    case Kind::message:
      return source.text;
    case Kind::file:
      return load_file(source.text);
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

tl::expected<std::string, std::string> read_whole(int descriptor) {
  std::string content;
  std::array<char, 64 * 1024> buffer{};
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count == 0) return content;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(system_error());
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > max_payload_bytes) {
      return tl::unexpected(
          fmt::format("more than {} bytes do not fit into a message", max_payload_bytes));
    }
  }
}

}  // namespace cli
