// The configuration file: whatever it holds, the reader ends with a configuration that is in order
// or with errors that can be shown. `include_dir` finds the same bytes again, as an included file.
// A line "---" begins another configuration: a reload leads from the first to that one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/config_parser.h"
#include "config/reload.h"
#include "net/listener_indexes.h"

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

broker::ConfigResult parsed(std::string_view bytes) {
  SameBytes source(bytes);
  broker::ConfigParser parser(source);
  parser.parse("main.conf", bytes);
  return std::move(parser).finish({});
}

/// A reload takes over all that does not wait for a restart, and every listener gets an index.
void check_reload(const broker::Config& running, const broker::Config& fresh) {
  const broker::ReloadPlan plan = broker::plan_reload(running, fresh);
  for (const broker::SettingChange& change : plan.changes) require(!to_text(change).empty());
  for (const broker::SettingChange& left : broker::plan_reload(plan.config, fresh).changes) {
    require(left.effect == broker::ReloadEffect::restart);
  }
  const broker::ListenerIndexes indexes(running.listeners);
  const auto change =
      indexes.change_to(plan.config.listeners, std::vector<bool>(running.listeners.size()));
  require(change.has_value());
  for (std::size_t i = 0; i < plan.config.listeners.size(); ++i) {
    require(change->next.listeners().at(change->next.index(i)) == plan.config.listeners[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1024) return 0;  // enough for every line; more would only repeat listeners
  const std::string bytes(data, data + size);
  const std::string_view all = bytes;
  constexpr std::string_view separator = "\n---\n";
  const std::size_t end = all.find(separator);
  const auto result = parsed(all.substr(0, end));
  if (result) {
    check(*result);
  } else {
    check(result.error());
  }
  if (!result || end == std::string_view::npos) return 0;
  const auto fresh = parsed(all.substr(end + separator.size()));
  if (fresh) check_reload(result->config, fresh->config);
  return 0;
}
