// The server's side of a PROXY header, both versions: whatever a proxy sends, and in whatever
// pieces it arrives, the outcome, the client named and the bytes handed on are the same, and what
// is named is fit for a log. The first byte of the input chooses the version and what the server
// wants.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "mqtt/io/loop.h"
#include "mqtt/io/proxy_stream.h"
#include "mqtt/protocol/utf8.h"
#include "support/memory_stream.h"

namespace {

using namespace mqtt;
using namespace mqtt::io;
using test::MemoryStream;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_header(const ProxyHeader& header) {
  require(!header.is_local || (!header.source && !header.tls));
  if (header.source) {
    require(!header.source->address.empty() && is_valid_utf8(header.source->address));
  }
  if (header.tls) require(is_valid_utf8(header.tls->version) && is_valid_utf8(header.tls->cipher));
}

/// Every beginning is "more" until the answer comes, and then it stays.
void check_parser(ByteView bytes, ProxyVersion version) {
  const auto whole = parse_proxy_header(bytes, version);
  if (whole && *whole) {
    require((*whole)->size <= bytes.size());
    check_header((*whole)->header);
  }
  bool answered = false;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto part = parse_proxy_header(bytes.first(size), version);
    const bool more = part && !*part;
    require(!more || !answered);
    answered = !more;
    if (more) require(size < (version == ProxyVersion::v1 ? proxy_v1_limit : proxy_v2_limit));
    if (!part) require(!whole && whole.error() == part.error());
    if (part && *part) require(whole && *whole && (*whole)->size == (*part)->size);
  }
}

/// One end of the connection: notes what it is told, and holds it to the order of Stream.
class End final : public StreamHandler {
 public:
  explicit End(StreamPtr stream) : stream_(std::move(stream)) {
    stream_->set_handler(this);
    stream_->start();
  }

  void on_open() override {
    require(!open_ && !is_over());
    open_ = true;
  }
  void on_data(ByteView bytes) override {
    require(open_ && !is_over() && !bytes.empty());
    received_ += as_text(bytes);
  }
  void on_writable() override { require(open_ && !is_over()); }
  void on_end(const StreamEnd& end) override {
    require(!is_over());
    end_ = end;
  }

  Stream& stream() { return *stream_; }
  bool is_over() const { return end_.has_value(); }
  bool is_open() const { return open_; }
  const std::string& received() const { return received_; }
  const std::optional<StreamEnd>& end() const { return end_; }

 private:
  StreamPtr stream_;
  bool open_ = false;
  std::string received_;
  std::optional<StreamEnd> end_;
};

std::string converse(Loop& loop, std::string_view bytes, const ProxyRules& rules,
                     std::size_t chunk) {
  auto [proxy_stream, below] = MemoryStream::pair(loop, {1024 * 1024, chunk});
  End proxy(std::move(proxy_stream));
  End server(ProxyStream::server(loop, std::move(below), rules));
  loop.run_once(false);
  proxy.stream().write(as_bytes(bytes));
  for (int turn = 0; turn < 6; ++turn) loop.run_once(false);
  proxy.stream().finish();
  for (int turn = 0; turn < 6; ++turn) loop.run_once(false);
  require(server.is_over());
  const ProxyStream& layer = *server.stream().proxy();
  if (server.is_open()) {
    require(layer.header() != nullptr && !layer.header()->is_local);
    require(!rules.require_tls || layer.header()->tls);
    require(!rules.require_certificate || layer.header()->tls->certificate_verified);
  }
  return server.received() + '|' + server.stream().peer().address + '|' +
         std::to_string(static_cast<int>(server.end()->cause)) + server.end()->text +
         (layer.is_probe() ? "|probe" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 1024) return 0;
  static Loop loop;
  const ByteView bytes(data + 1, size - 1);
  const ProxyRules rules{(data[0] & 1U) != 0 ? ProxyVersion::v1 : ProxyVersion::v2,
                         (data[0] & 2U) != 0, (data[0] & 4U) != 0};
  check_parser(bytes, rules.version);
  const std::string whole = converse(loop, as_text(bytes), rules, bytes.size() + 1);
  require(whole == converse(loop, as_text(bytes), rules, 1));
  require(whole == converse(loop, as_text(bytes), rules, 1 + data[0] / 8));
  loop.run_once(false);
  return 0;
}
