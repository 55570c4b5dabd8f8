// The PROXY header, byte by byte: what is read out of it, and what is refused.

#include "mqtt/io/proxy_header.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "support/bytes_notation.h"

namespace mqtt::io::test {
namespace {

using Bytes = BytesNotation::Bytes;

std::string shown(const ProxyHeader& header) {
  if (header.is_local) return "local";
  std::string text = header.source
                         ? header.source->address + " " + std::to_string(header.source->port)
                         : "unknown";
  if (!header.tls) return text;
  text += ", TLS '" + header.tls->version + "' '" + header.tls->cipher + "'";
  if (const auto& name = header.tls->common_name) {
    text += " CN '" + (*name == std::string(1, '\0') ? "(NUL)" : *name) + "'";
  }
  return text + (header.tls->certificate_verified ? " verified" : "");
}

/// What a parser makes of the bytes, in words.
std::string outcome(ByteView bytes, ProxyVersion version) {
  const auto parsed = parse_proxy_header(bytes, version);
  if (!parsed) return "refused: " + std::string(parsed.error());
  if (!*parsed) return "more";
  return shown((*parsed)->header) + " | " + std::to_string((*parsed)->size);
}

/// The same, where the bytes come one by one.
std::string outcome_byte_by_byte(ByteView bytes, ProxyVersion version) {
  std::string result = "more";
  for (std::size_t size = 0; size <= bytes.size() && result == "more"; ++size) {
    // A copy of its own, so that a checker of addresses sees a read behind the end.
    const Bytes arrived(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    result = outcome(arrived, version);
  }
  return result;
}

struct Row {
  const char* name;
  const char* bytes;
  const char* outcome;
};

void check(const Row* begin, const Row* end, ProxyVersion version) {
  for (const Row* row = begin; row != end; ++row) {
    INFO(row->name);
    const Bytes bytes = BytesNotation::parse(row->bytes);
    CHECK(outcome(bytes, version) == row->outcome);
    CHECK(outcome_byte_by_byte(bytes, version) == row->outcome);
  }
}

const Row version_1[] = {
    {"IPv4", "'PROXY TCP4 192.0.2.1 198.51.100.2 56324 1883' 0d0a", "192.0.2.1 56324 | 46"},
    {"what follows is not looked at", "'PROXY TCP4 1.2.3.4 5.6.7.8 1 65535' 0d0a 100d 'PROXY'",
     "1.2.3.4 1 | 36"},
    {"IPv6", "'PROXY TCP6 2001:db8::1 ::1 56324 1883' 0d0a", "2001:db8::1 56324 | 39"},
    {"the longest IPv6",
     "'PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535' 0d0a",
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 | 104"},
    {"an IPv6 address is put into its usual form",
     "'PROXY TCP6 2001:0DB8:0000:0000:0000:0000:0000:0001 ::1 1 2' 0d0a", "2001:db8::1 1 | 60"},
    {"an IPv4 client of an IPv6 socket", "'PROXY TCP6 ::ffff:192.0.2.1 ::1 7 8' 0d0a",
     "192.0.2.1 7 | 37"},
    {"port 0", "'PROXY TCP4 1.2.3.4 5.6.7.8 0 0' 0d0a", "1.2.3.4 0 | 32"},
    {"unknown", "'PROXY UNKNOWN' 0d0a", "unknown | 15"},
    {"unknown, with addresses that mean nothing", "'PROXY UNKNOWN ff::1 x 65536' 0d0a",
     "unknown | 29"},
    {"the longest line", "'PROXY UNKNOWN ' 78*92 0d0a", "unknown | 108"},

    {"nothing", "", "more"},
    {"a beginning", "'PROX'", "more"},
    {"without its line end", "'PROXY TCP4 1.2.3.4 5.6.7.8 1 2' 0d", "more"},
    {"the longest beginning", "'PROXY UNKNOWN ' 78*93", "more"},

    {"a line that is one byte too long", "'PROXY UNKNOWN ' 78*93 0d0a",
     "refused: it is longer than 108 bytes"},
    {"a line without an end", "'PROXY UNKNOWN ' 78*1000", "refused: it is longer than 108 bytes"},
    {"LF alone", "'PROXY UNKNOWN' 0a", "refused: its line does not end in CR LF"},
    {"LF alone, at once", "'PROXY ' 0a", "refused: its line does not end in CR LF"},
    {"no family", "'PROXY ' 0d0a", "refused: TCP4, TCP6 or UNKNOWN is expected in it"},
    {"another family", "'PROXY UDP4 1.2.3.4 5.6.7.8 1 2' 0d0a",
     "refused: TCP4, TCP6 or UNKNOWN is expected in it"},
    {"small letters", "'PROXY tcp4 1.2.3.4 5.6.7.8 1 2' 0d0a",
     "refused: TCP4, TCP6 or UNKNOWN is expected in it"},
    {"no addresses", "'PROXY TCP4' 0d0a", "refused: an address in it is none"},
    {"an address of the other family", "'PROXY TCP4 ::1 5.6.7.8 1 2' 0d0a",
     "refused: an address in it is none"},
    {"the other way round", "'PROXY TCP6 1.2.3.4 ::1 1 2' 0d0a",
     "refused: an address in it is none"},
    {"a destination that is none", "'PROXY TCP4 1.2.3.4 5.6.7 1 2' 0d0a",
     "refused: an address in it is none"},
    {"an address with a NUL", "'PROXY TCP4 1.2.3.4' 00 'x 5.6.7.8 1 2' 0d0a",
     "refused: an address in it is none"},
    {"a link-local address with its interface", "'PROXY TCP6 fe80::1%lo ::1 1 2' 0d0a",
     "refused: an address in it is none"},
    {"two spaces", "'PROXY TCP4  1.2.3.4 5.6.7.8 1 2' 0d0a", "refused: an address in it is none"},
    {"no ports", "'PROXY TCP4 1.2.3.4 5.6.7.8' 0d0a", "refused: a port in it is none"},
    {"one port", "'PROXY TCP4 1.2.3.4 5.6.7.8 1' 0d0a", "refused: a port in it is none"},
    {"a port that is too large", "'PROXY TCP4 1.2.3.4 5.6.7.8 65536 2' 0d0a",
     "refused: a port in it is none"},
    {"a port with a sign", "'PROXY TCP4 1.2.3.4 5.6.7.8 +1 2' 0d0a",
     "refused: a port in it is none"},
    {"a port with a zero before it", "'PROXY TCP4 1.2.3.4 5.6.7.8 01 2' 0d0a",
     "refused: a port in it is none"},
    {"a space at the end", "'PROXY TCP4 1.2.3.4 5.6.7.8 1 2 ' 0d0a",
     "refused: a port in it is none"},

    {"a CONNECT", "10 [ ('MQTT') 04 02 003c ('a') ]", "refused: there is none"},
    {"the hello of TLS", "16 03 01", "refused: there is none"},
    {"almost", "'PROXYX'", "refused: there is none"},
    {"version 2", "0d0a0d0a000d0a515549540a 20 00 0000",
     "refused: it is of version 2, and 1 is expected"},
};

#define V2 "0d0a0d0a000d0a515549540a "

const Row version_2[] = {
    {"IPv4", V2 "21 11 (c0000201 c6336402 dc04 075b)", "192.0.2.1 56324 | 28"},
    {"what follows is not looked at", V2 "21 11 (c0000201 c6336402 dc04 075b) 100d 20",
     "192.0.2.1 56324 | 28"},
    {"IPv6", V2 "21 21 (20010db8 00*11 01 00*15 01 dc04 075b)", "2001:db8::1 56324 | 52"},
    {"an IPv4 client of an IPv6 socket", V2 "21 21 (00*10 ffff c0000201 00*16 0007 075b)",
     "192.0.2.1 7 | 52"},
    {"a Unix socket with a path of its own", V2 "21 31 ('/run/client' 00*97 '/run/mqtt' 00*99)",
     "/run/client 0 | 232"},
    {"a Unix socket without", V2 "21 31 (00*108 '/run/mqtt' 00*99)", "/run/mqtt 0 | 232"},
    {"a path that fills its field", V2 "21 31 (61*108 00*108)",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaa"
     "aaaaaaaaaa 0 | 232"},
    {"Unix sockets that have no path", V2 "21 31 (00 'abstract' 00*99 00*108)", "unknown | 232"},
    {"unknown", V2 "21 00 (01 ('x'))", "unknown | 20"},
    {"local", V2 "20 00 ()", "local | 16"},
    {"local, with a family and junk", V2 "20 7f (ff ff)", "local | 18"},

    {"fields of no concern", V2 "21 11 (c0000201 c6336402 dc04 075b 01 ('mqtt') 04 () e0 (ff*40))",
     "192.0.2.1 56324 | 81"},
    {"TLS", V2 "21 11 (c0000201 c6336402 dc04 075b 20 (01 00000001 21 ('TLSv1.3')))",
     "192.0.2.1 56324, TLS 'TLSv1.3' '' | 46"},
    {"TLS with a certificate",
     V2 "21 11 (c0000201 c6336402 dc04 075b "
        "20 (07 00000000 21 ('TLSv1.2') 22 ('a client') 23 ('ECDHE') 24 ('SHA256') 25 ('RSA')))",
     "192.0.2.1 56324, TLS 'TLSv1.2' 'ECDHE' CN 'a client' verified | 80"},
    {"a certificate of an earlier connection", V2 "21 00 (20 (05 00000000))",
     "unknown, TLS '' '' verified | 24"},
    {"a certificate that was not verified", V2 "21 00 (20 (03 00000012 22 ('x')))",
     "unknown, TLS '' '' CN 'x' | 28"},
    {"no certificate", V2 "21 00 (20 (01 00000000 22 ('x')))", "unknown, TLS '' '' CN 'x' | 28"},
    {"a name that is no text", V2 "21 00 (20 (07 00000000 22 (00)))",
     "unknown, TLS '' '' CN '(NUL)' verified | 28"},
    {"the field of TLS, and no TLS", V2 "21 00 (20 (00 00000000 21 ('TLSv1.3')))", "unknown | 34"},
    {"a checksum", V2 "21 11 (7f000001 7f000001 1234 075b 03 (b6913e8b))", "127.0.0.1 4660 | 35"},
    {"the longest", V2 "21 00 (e0 (00*481))", "unknown | 500"},

    {"nothing", "", "more"},
    {"a signature", V2, "more"},
    {"addresses to come", V2 "21 11 000c c0000201 c6336402 dc04 07", "more"},

    {"one byte too long", V2 "21 00 (e0 (00*482))", "refused: it is longer than 500 bytes"},
    {"too long, and not there yet", V2 "21 11 ffff", "refused: it is longer than 500 bytes"},
    {"local and too long", V2 "20 00 01e5", "refused: it is longer than 500 bytes"},
    {"version 3 of the binary form", V2 "31 11 (00*12)",
     "refused: it is of another version than 1 and 2"},
    {"another command", V2 "22 11 (00*12)", "refused: its command is neither LOCAL nor PROXY"},
    {"datagrams", V2 "21 12 (00*12)",
     "refused: it is for something else than TCP and Unix sockets"},
    {"a family without a protocol", V2 "21 10 (00*12)",
     "refused: it is for something else than TCP and Unix sockets"},
    {"IPv4 addresses cut off", V2 "21 11 (00*11)", "refused: its addresses are cut off"},
    {"IPv6 addresses cut off", V2 "21 21 (00*35)", "refused: its addresses are cut off"},
    {"paths cut off", V2 "21 31 (00*215)", "refused: its addresses are cut off"},
    {"no addresses", V2 "21 11 ()", "refused: its addresses are cut off"},
    {"a path that is no text", V2 "21 31 (ff 00*107 00*108)", "refused: a path in it is no text"},
    {"a path with an escape", V2 "21 31 (1b5b 00*106 00*108)", "refused: a path in it is no text"},
    {"a field without a length", V2 "21 11 (00*12 20 00)", "refused: a field in it is cut off"},
    {"a field that claims more than there is", V2 "21 11 (00*12 e0 0002 00)",
     "refused: a field in it is cut off"},
    {"a field that claims most", V2 "21 11 (00*12 e0 ffff 00)",
     "refused: a field in it is cut off"},
    {"TLS that is cut off", V2 "21 00 (20 (01 000000))", "refused: a field in it is cut off"},
    {"a field of TLS that claims more than there is, which is in the next one",
     V2 "21 00 (20 (01 00000000 21 0004 'TLS') e0 ('x'))", "refused: a field in it is cut off"},
    {"a field of TLS without a length", V2 "21 00 (20 (01 00000000 21))",
     "refused: a field in it is cut off"},
    {"a TLS version with a line end", V2 "21 00 (20 (01 00000000 21 ('TLS' 0a)))",
     "refused: the TLS version or cipher in it is no text"},
    {"a cipher that is no text", V2 "21 00 (20 (01 00000000 23 (ff)))",
     "refused: the TLS version or cipher in it is no text"},
    {"TLS told of twice", V2 "21 00 (20 (00 00000000) 20 (07 00000000))",
     "refused: it tells of TLS twice"},
    {"a checksum that is wrong", V2 "21 11 (7f000001 7f000001 1234 075b 03 (00000000))",
     "refused: its checksum is wrong"},
    {"a checksum of three bytes", V2 "21 00 (03 (000000))",
     "refused: its checksum has not four bytes"},

    {"almost the signature", "0d0a0d0a000d0a515549540d", "refused: there is none"},
    {"an empty line", "0d0a0d0a0d", "refused: there is none"},
    {"a CONNECT", "10 [ ('MQTT') 04 02 003c ('a') ]", "refused: there is none"},
    {"version 1", "'PROXY TCP4 1.2.3.4 5.6.7.8 1 2' 0d0a",
     "refused: it is of version 1, and 2 is expected"},
};

}  // namespace

TEST_CASE("A PROXY header of version 1 is one line", "[proxy]") {
  check(std::begin(version_1), std::end(version_1), ProxyVersion::v1);
}

TEST_CASE("A PROXY header of version 2 is binary", "[proxy]") {
  check(std::begin(version_2), std::end(version_2), ProxyVersion::v2);
}

TEST_CASE("Whatever is kept of an incomplete PROXY header is shorter than the limit", "[proxy]") {
  const Bytes line = BytesNotation::parse("'PROXY TCP4 ' 31*200");
  const Bytes block = BytesNotation::parse(V2 "21 11 01e4 00*484");
  for (std::size_t size = 0; size < block.size(); ++size) {
    CAPTURE(size);
    const auto first = [size](const Bytes& bytes) {
      return ByteView(bytes).first(std::min(size, bytes.size()));
    };
    CHECK((size < proxy_v1_limit) == (outcome(first(line), ProxyVersion::v1) == "more"));
    CHECK(outcome(first(block), ProxyVersion::v2) == "more");
  }
  CHECK(block.size() == proxy_v2_limit);
  CHECK(outcome(block, ProxyVersion::v2) != "more");
}

}  // namespace mqtt::io::test
