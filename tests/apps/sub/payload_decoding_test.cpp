#include "sub/payload_decoding.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "cli/options/hex.h"
#include "mqtt/protocol/bytes.h"

using sub::PayloadCoding;

namespace {

std::string bytes(std::string_view hex) {
  return std::string(mqtt::as_text(*cli::bytes_from_hex(hex)));
}

/// What becomes of it, or "! " and what is wrong with it.
std::string decoded(PayloadCoding coding, std::string_view payload,
                    const mqtt::PropertyList& properties = {}) {
  const auto result = sub::decode_payload(coding, payload, properties);
  return result ? *result : "! " + result.error();
}

std::string cbor(std::string_view hex) {
  return decoded(PayloadCoding::cbor, bytes(hex));
}

std::string msgpack(std::string_view hex) {
  return decoded(PayloadCoding::msgpack, bytes(hex));
}

std::string automatic(std::string_view payload, std::string_view content_type = "") {
  mqtt::PropertyList properties;
  if (!content_type.empty()) properties.add(mqtt::PropertyId::content_type, content_type);
  return decoded(PayloadCoding::automatic, payload, properties);
}

}  // namespace

TEST_CASE("CBOR becomes JSON: the examples of RFC 8949, appendix A") {
  CHECK(cbor("00") == "0");
  CHECK(cbor("1903e8") == "1000");
  CHECK(cbor("1bffffffffffffffff") == "18446744073709551615");
  CHECK(cbor("3903e7") == "-1000");
  CHECK(cbor("3b7fffffffffffffff") == "-9223372036854775808");
  CHECK(cbor("3bffffffffffffffff") == "-1.8446744073709552e+19");
  CHECK(cbor("f93e00") == "1.5");
  CHECK(cbor("fb3ff199999999999a") == "1.1");
  CHECK(cbor("f97e00") == "null");
  CHECK(cbor("f4") == "false");
  CHECK(cbor("f6") == "null");
  CHECK(cbor("f7") == "null");
  CHECK(cbor("c11a514b67b0") == "1363896240");
  CHECK(cbor("d82076687474703a2f2f7777772e6578616d706c652e636f6d") == "\"http://www.example.com\"");
  CHECK(cbor("4401020304") == "\"AQIDBA==\"");
  CHECK(cbor("62225c") == "\"\\\"\\\\\"");
  CHECK(cbor("80") == "[]");
  CHECK(cbor("8301820203820405") == "[1,[2,3],[4,5]]");
  CHECK(cbor("a201020304") == R"({"1":2,"3":4})");
  CHECK(cbor("a26161016162820203") == R"({"a":1,"b":[2,3]})");
  CHECK(cbor("5f42010243030405ff") == "\"AQIDBAU=\"");
  CHECK(cbor("7f657374726561646d696e67ff") == "\"streaming\"");
  CHECK(cbor("9f018202039f0405ffff") == "[1,[2,3],[4,5]]");
  CHECK(cbor("bf6346756ef563416d7421ff") == R"({"Fun":true,"Amt":-2})");
  CHECK(cbor("bf61610161629f0203ffff") == R"({"a":1,"b":[2,3]})");
}

TEST_CASE("CBOR that is damaged is refused, with its position") {
  CHECK(cbor("8301") == "! not CBOR: it ends in the middle of something at byte 2");
  CHECK(cbor("0000") == "! not CBOR: more than one item at byte 1");
  CHECK(cbor("ff") == "! not CBOR: a break where nothing is open at byte 0");
  CHECK(cbor("bf6161ff") == "! not CBOR: a key without a value at byte 3");
  CHECK(cbor("a18001") == "! not CBOR: a key that is an array or a map at byte 1");
  CHECK(cbor("7f6161416101ff") == "! not CBOR: something else within a string at byte 3");
  CHECK(cbor("62ff61") == "! not CBOR: a text that is not UTF-8 at byte 0");
  CHECK(cbor("bbffffffffffffffff") == "! not CBOR: a map has too many members at byte 0");
  CHECK(cbor("9bffffffffffffffff") == "! not CBOR: it ends in the middle of something at byte 9");
  CHECK(cbor("5bffffffffffffffff") == "! not CBOR: it ends in the middle of something at byte 0");
  CHECK(decoded(PayloadCoding::cbor, std::string(1'000'000, '\x81')) ==
        "! not CBOR: it is nested too deeply at byte 256");
}

TEST_CASE("MessagePack becomes JSON") {
  CHECK(msgpack("83a161cda1f0a162ca3fc00000a1639301c0c3") ==
        R"({"a":41456,"b":1.5,"c":[1,null,true]})");
  CHECK(msgpack("cfffffffffffffffff") == "18446744073709551615");
  CHECK(msgpack("d38000000000000000") == "-9223372036854775808");
  CHECK(msgpack("c403000102") == "\"AAEC\"");
  CHECK(msgpack("ca7f800000") == "null");
  CHECK(msgpack("9201").starts_with("! not MessagePack: "));
  CHECK(msgpack("0101").starts_with("! not MessagePack: "));
  CHECK(msgpack("a1ff") == "! not MessagePack: a text in it is not UTF-8");
  CHECK(decoded(PayloadCoding::msgpack, std::string(1'000'000, '\x91')) ==
        "! not MessagePack: it is nested too deeply");
}

TEST_CASE("Hexadecimal digits and base64 become the bytes that they stand for") {
  CHECK(decoded(PayloadCoding::hex, "00fF0a\n") == std::string("\0\xFF\n", 3));
  CHECK(decoded(PayloadCoding::hex, "0") == "! not pairs of hexadecimal digits");
  CHECK(decoded(PayloadCoding::hex, "0x00") == "! not pairs of hexadecimal digits");
  CHECK(decoded(PayloadCoding::base64, "AP8=") == std::string("\0\xFF", 2));
  CHECK(decoded(PayloadCoding::base64, "AP8\r\n") == std::string("\0\xFF", 2));
  CHECK(decoded(PayloadCoding::base64, "-_-_") == decoded(PayloadCoding::base64, "+/+/"));
  CHECK(decoded(PayloadCoding::base64, "A P8") == "! not base64");
}

TEST_CASE("Automatic decoding leaves text as it is, and finds arrays and objects") {
  CHECK(automatic("{\"a\":1}") == "{\"a\":1}");
  CHECK(automatic("21.5 °C\n") == "21.5 °C\n");
  CHECK(automatic(bytes("a1616101")) == R"({"a":1})");
  CHECK(automatic(bytes("81a16101")) == R"({"a":1})");
  CHECK(automatic(bytes("01")) == bytes("01"));
  CHECK(automatic(bytes("ffd8ffe0")) == bytes("ffd8ffe0"));
  SECTION("but believes a content type") {
    CHECK(automatic("c", "text/plain") == "c");
    CHECK(automatic(bytes("01"), "Application/CBOR; x=y") == "1");
    CHECK(automatic(bytes("01"), "application/msgpack") == "1");
    CHECK(automatic(bytes("a1616101"), "application/json") == bytes("a1616101"));
    CHECK(automatic("\xFF", "application/cbor").starts_with("! not CBOR: "));
  }
}
