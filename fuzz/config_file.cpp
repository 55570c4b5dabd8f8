// The configuration file: whatever it holds, the reader ends with a configuration that is in order
// or with errors that can be shown. `include_dir` finds the same bytes again, as an included file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/config_parser.h"
#include "config/reload.h"

namespace {

class SameBytes : public broker::ConfigSource {
 public:
  explicit SameBytes(std::string_view bytes) : bytes_(bytes) {}

  tl::expected<std::string, std::string> read(const std::string&) override {
    return std::string(bytes_);
  }
  tl::expected<std::vector<std::string>, std::string> list(const std::string&) override {
    return std::vector<std::string>{"included.conf"};
  }

 private:
  std::string_view bytes_;
};

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const broker::LoadedConfig& loaded) {
  const broker::Config& config = loaded.config;
  require(!config.listeners.empty());
  require(config.limits.max_packet_size_bytes >= 20);
  require(config.limits.max_output_buffer_bytes >= 65536);
  require(config.sessions.auto_id_prefix.size() <= 50);
  for (const broker::ListenerConfig& listener : config.listeners) {
    require((listener.port != 0) == listener.unix_path.empty());
    require(listener.tls.certificate_file.empty() == listener.tls.key_file.empty());
  }
  require(broker::plan_reload(config, config).changes.empty());
}

void check(const std::vector<broker::ConfigError>& errors) {
  require(!errors.empty() && errors.size() <= broker::ConfigParser::max_errors + 1);
  for (const broker::ConfigError& error : errors) {
    const std::string text = to_text(error);
    require(!text.empty() && text.size() < 1000);
    require(std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < 0x20; }));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1024) return 0;  // enough for every line; more would only repeat listeners
  const std::string bytes(data, data + size);
  SameBytes source(bytes);
  broker::ConfigParser parser(source);
  parser.parse("main.conf", bytes);
  const auto result = std::move(parser).finish({});
  if (result) {
    check(*result);
  } else {
    check(result.error());
  }
  return 0;
}
