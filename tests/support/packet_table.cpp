#include "support/packet_table.h"

#include <string_view>

namespace packet_table {
namespace {

using mqtt::ReasonCode;
using Reply = mqtt::Malformed::Reply;

const Verdict ok{true};
const Verdict malformed{false, ReasonCode::malformed_packet, Reply::in_kind};  // 0x81
const Verdict error{false, ReasonCode::protocol_error, Reply::in_kind};        // 0x82
const Verdict close{false, ReasonCode::malformed_packet, Reply::none};
const Verdict close_large{false, ReasonCode::packet_too_large, Reply::none};
const Verdict connack_v5_0x84{false, ReasonCode::unsupported_protocol_version, Reply::connack_v5};
const Verdict connack_v3_1{false, ReasonCode::unsupported_protocol_version, Reply::connack_v3};
const Verdict connack_v3_2{false, ReasonCode::client_identifier_not_valid, Reply::connack_v3};
const Verdict bad_client_id{false, ReasonCode::client_identifier_not_valid, Reply::in_kind};

const std::string levels_201 = "2F*200";
const std::string levels_202 = "2F*201";

const Row connect_rows[] = {
    {"CONNECT 3.1", v31, "10 [ ('MQIsdp') 03 02 003C ('c') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=60 client-id='c'"},
    {"CONNECT 3.1.1", v311, "10 [ ('MQTT') 04 00 0000 ('c') ]", ok,
     "CONNECT version=3.1.1 keep-alive=0 client-id='c'"},
    // [MQTT-3.1.2-16] [MQTT-3.1.2-18] [MQTT-3.1.3-3]
    {"CONNECT 5", v5, "10 [ ('MQTT') 05 02 FFFF [] ('c') ]", ok,
     "CONNECT version=5 clean-start keep-alive=65535 client-id='c'"},
    {"CONNECT with everything, 3.1", v31,
     "10 [ ('MQIsdp') 03 F6 000A ('c') ('w/t') ('bye') ('u') ('p') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=10 client-id='c' "
     "will{topic='w/t' qos=2 retain payload='bye'} user-name='u' password='p'"},
    {"CONNECT with everything, 3.1.1", v311,
     "10 [ ('MQTT') 04 EE 000A ('c') ('w/t') (00 FF) ('u') (70 00) ]", ok,
     "CONNECT version=3.1.1 clean-start keep-alive=10 client-id='c' "
     "will{topic='w/t' qos=1 retain payload='\\x00\\xFF'} user-name='u' password='p\\x00'"},
    // [MQTT-3.1.2-9] [MQTT-3.1.2-17] [MQTT-3.1.2-19] [MQTT-3.1.3-1]
    {"CONNECT with everything, 5", v5,
     "10 [ ('MQTT') 05 C6 000A [ 11 0000000A 21 0014 27 00001000 22 0005 19 01 17 00 "
     "26 ('k') ('v') 15 ('m') 16 (01 02) ] ('c') [ 18 00000005 01 01 02 0000003C 03 ('t') 08 ('r') "
     "09 ('d') 26 ('k') ('') ] ('w') () ('u') ('p') ]",
     ok,
     "CONNECT version=5 clean-start keep-alive=10 [session-expiry-interval=10 receive-maximum=20 "
     "maximum-packet-size=4096 topic-alias-maximum=5 request-response-information=1 "
     "request-problem-information=0 user-property='k':'v' authentication-method='m' "
     "authentication-data='\\x01\\x02'] client-id='c' will{topic='w' qos=0 [will-delay-interval=5 "
     "payload-format-indicator=1 message-expiry-interval=60 content-type='t' response-topic='r' "
     "correlation-data='d' user-property='k':''] payload=''} user-name='u' password='p'"},
    {"CONNECT of a 3.1 bridge", v31, "10 [ ('MQIsdp') 83 00 003C ('c') ]", ok,
     "CONNECT version=3.1 bridge keep-alive=60 client-id='c'"},
    {"CONNECT of a 3.1.1 bridge", v311, "10 [ ('MQTT') 84 02 003C ('c') ]", ok,
     "CONNECT version=3.1.1 bridge clean-start keep-alive=60 client-id='c'"},
    {"CONNECT with a long client identifier", v311, "10 [ ('MQTT') 04 02 003C (61*1000) ]", ok,
     "CONNECT version=3.1.1 clean-start keep-alive=60 client-id='" + std::string(1000, 'a') + "'"},
    {"CONNECT with empty user name and password", v311,
     "10 [ ('MQTT') 04 C2 003C ('c') ('') ('') ]", ok,
     "CONNECT version=3.1.1 clean-start keep-alive=60 client-id='c' user-name='' password=''"},

    // Protocol name and level
    // [MQTT-3.1.2-2]
    {"CONNECT of level 0", all, "10 [ ('MQTT') 00 02 003C ('c') ]", connack_v5_0x84, ""},
    {"CONNECT of level 1", all, "10 [ ('MQTT') 01 02 003C ('c') ]", connack_v5_0x84, ""},
    {"CONNECT of level 2, MQIsdp", all, "10 [ ('MQIsdp') 02 02 003C ('c') ]", connack_v5_0x84, ""},
    {"CONNECT of level 6", all, "10 [ ('MQTT') 06 02 003C [] ('c') ]", connack_v5_0x84, ""},
    {"CONNECT of level 127", all, "10 [ ('MQTT') 7F 02 003C ('c') ]", connack_v5_0x84, ""},
    {"CONNECT of a level 5 bridge", all, "10 [ ('MQTT') 85 02 003C ('c') ]", connack_v5_0x84, ""},
    {"CONNECT of a level 6 bridge", all, "10 [ ('MQTT') 86 02 003C ('c') ]", connack_v5_0x84, ""},
    // [MQTT311-3.1.2-2]
    {"CONNECT MQIsdp with level 4", all, "10 [ ('MQIsdp') 04 02 003C ('c') ]", connack_v3_1, ""},
    {"CONNECT MQIsdp with level 5", all, "10 [ ('MQIsdp') 05 02 003C [] ('c') ]", connack_v3_1, ""},
    {"CONNECT MQTT with level 3", all, "10 [ ('MQTT') 03 02 003C ('c') ]", connack_v3_1, ""},
    {"CONNECT MQTT with bridge level 3", all, "10 [ ('MQTT') 83 02 003C ('c') ]", connack_v3_1, ""},
    // [MQTT-3.1.2-1]
    {"CONNECT with another name of 4 characters", all, "10 [ ('mqtt') 04 02 003C ('c') ]", close,
     ""},
    {"CONNECT with another name of 6 characters", all, "10 [ ('MQisdp') 03 02 003C ('c') ]", close,
     ""},
    {"CONNECT with a name of 5 characters", all, "10 [ ('MQTT5') 05 02 003C [] ('c') ]", close, ""},
    {"CONNECT with an empty name", all, "10 [ ('') 04 02 003C ('c') ]", close, ""},
    {"CONNECT without a body", all, "10 00", close, ""},
    {"CONNECT cut off in the name", all, "10 [ 0004 'MQT' ]", close, ""},
    {"CONNECT cut off before the level", all, "10 [ ('MQTT') ]", close, ""},
    {"CONNECT cut off before the flags", all, "10 [ ('MQTT') 04 ]", close, ""},
    {"CONNECT cut off in the keep alive", all, "10 [ ('MQTT') 04 02 00 ]", close, ""},
    // [MQTT-3.1.3-3]
    {"CONNECT cut off before the client identifier", v3, "10 [ ('MQTT') 04 02 003C ]", close, ""},
    {"CONNECT cut off in the client identifier", v3, "10 [ ('MQTT') 04 02 003C 0003 'ab' ]", close,
     ""},
    {"CONNECT 5 cut off before the client identifier", v5, "10 [ ('MQTT') 05 02 003C [] ]", close,
     ""},

    // Flags
    {"CONNECT with flags in the fixed header, 3.1", v31, "1F [ ('MQIsdp') 03 02 003C ('c') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=60 client-id='c'",
     "10 [ ('MQIsdp') 03 02 003C ('c') ]"},
    // [MQTT-2.1.3-1]
    {"CONNECT with flags in the fixed header, 3.1.1", v311, "11 [ ('MQTT') 04 02 003C ('c') ]",
     close, ""},
    {"CONNECT with flags in the fixed header, 5", v5, "18 [ ('MQTT') 05 02 003C [] ('c') ]", close,
     ""},
    {"CONNECT with the reserved flag, 3.1", v31, "10 [ ('MQIsdp') 03 03 003C ('c') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=60 client-id='c'",
     "10 [ ('MQIsdp') 03 02 003C ('c') ]"},
    // [MQTT-3.1.2-3]
    {"CONNECT with the reserved flag, 3.1.1", v311, "10 [ ('MQTT') 04 03 003C ('c') ]", close, ""},
    {"CONNECT with the reserved flag, 5", v5, "10 [ ('MQTT') 05 03 003C [] ('c') ]", close, ""},
    {"CONNECT with Will QoS and no Will, 3.1", v31, "10 [ ('MQIsdp') 03 1A 003C ('c') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=60 client-id='c'",
     "10 [ ('MQIsdp') 03 02 003C ('c') ]"},
    // [MQTT-3.1.2-11]
    {"CONNECT with Will QoS and no Will, 3.1.1", v311, "10 [ ('MQTT') 04 0A 003C ('c') ]", close,
     ""},
    {"CONNECT with Will QoS and no Will, 5", v5, "10 [ ('MQTT') 05 0A 003C [] ('c') ]", close, ""},
    {"CONNECT with Will Retain and no Will, 3.1", v31, "10 [ ('MQIsdp') 03 22 003C ('c') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=60 client-id='c'",
     "10 [ ('MQIsdp') 03 02 003C ('c') ]"},
    // [MQTT-3.1.2-13]
    {"CONNECT with Will Retain and no Will, 3.1.1", v311, "10 [ ('MQTT') 04 22 003C ('c') ]", close,
     ""},
    {"CONNECT with Will Retain and no Will, 5", v5, "10 [ ('MQTT') 05 22 003C [] ('c') ]", close,
     ""},
    // [MQTT-3.1.2-12]
    {"CONNECT with Will QoS 3, 3.1", v31, "10 [ ('MQIsdp') 03 1E 003C ('c') ('w') ('') ]", close,
     ""},
    {"CONNECT with Will QoS 3, 3.1.1", v311, "10 [ ('MQTT') 04 1E 003C ('c') ('w') ('') ]", close,
     ""},
    {"CONNECT with Will QoS 3, 5", v5, "10 [ ('MQTT') 05 1E 003C [] ('c') [] ('w') ('') ]", close,
     ""},

    // Client identifier
    {"CONNECT without client identifier, 3.1", v31, "10 [ ('MQIsdp') 03 02 003C ('') ]",
     connack_v3_2, ""},
    {"CONNECT without client identifier, 3.1.1, clean", v311, "10 [ ('MQTT') 04 02 003C ('') ]", ok,
     "CONNECT version=3.1.1 clean-start keep-alive=60 client-id=''"},
    // [MQTT311-3.1.3-7] [MQTT311-3.1.3-8]
    {"CONNECT without client identifier, 3.1.1, not clean", v311, "10 [ ('MQTT') 04 00 003C ('') ]",
     connack_v3_2, ""},
    {"CONNECT without client identifier, 5, not clean", v5, "10 [ ('MQTT') 05 00 003C [] ('') ]",
     ok, "CONNECT version=5 keep-alive=60 client-id=''"},
    // [MQTT-3.1.3-4]
    {"CONNECT with bad UTF-8 as client identifier, 3.1.1", v311,
     "10 [ ('MQTT') 04 02 003C (C0 80) ]", bad_client_id, ""},
    {"CONNECT with bad UTF-8 as client identifier, 5", v5,
     "10 [ ('MQTT') 05 02 003C [] ('a' 00 'b') ]", bad_client_id, ""},

    // Will
    {"CONNECT with an empty Will topic, 3.1.1", v311, "10 [ ('MQTT') 04 06 003C ('c') ('') ('p') ]",
     error, ""},
    {"CONNECT with an empty Will topic, 5", v5, "10 [ ('MQTT') 05 06 003C [] ('c') [] ('') ('p') ]",
     error, ""},
    {"CONNECT with a wildcard in the Will topic, 3.1.1", v311,
     "10 [ ('MQTT') 04 06 003C ('c') ('a/+') ('p') ]", close, ""},
    {"CONNECT with a wildcard in the Will topic, 5", v5,
     "10 [ ('MQTT') 05 06 003C [] ('c') [] ('a/#') ('p') ]", close, ""},
    // [MQTT-3.1.3-11]
    {"CONNECT with bad UTF-8 as Will topic, 5", v5,
     "10 [ ('MQTT') 05 06 003C [] ('c') [] (FF) ('p') ]", malformed, ""},
    // [MQTT-3.1.2-9]
    {"CONNECT cut off in the Will payload, 5", v5,
     "10 [ ('MQTT') 05 06 003C [] ('c') [] ('w') 0002 'p' ]", close, ""},
    {"CONNECT cut off before the Will topic, 3.1", v31, "10 [ ('MQIsdp') 03 06 003C ('c') ]", close,
     ""},
    {"CONNECT cut off in the Will properties, 5", v5, "10 [ ('MQTT') 05 06 003C [] ('c') 05 18 ]",
     malformed, ""},

    // User name and password
    {"CONNECT with password only, 3.1", v31, "10 [ ('MQIsdp') 03 42 003C ('c') ('p') ]", close, ""},
    // [MQTT311-3.1.2-22]
    {"CONNECT with password only, 3.1.1", v311, "10 [ ('MQTT') 04 42 003C ('c') ('p') ]", close,
     ""},
    {"CONNECT with password only, 5", v5, "10 [ ('MQTT') 05 42 003C [] ('c') ('p') ]", ok,
     "CONNECT version=5 clean-start keep-alive=60 client-id='c' password='p'"},
    {"CONNECT with bad UTF-8 as user name, 3.1", v31,
     "10 [ ('MQIsdp') 03 C2 003C ('c') (FE) ('p') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=60 client-id='c'",
     "10 [ ('MQIsdp') 03 02 003C ('c') ]"},
    // [MQTT-3.1.3-12]
    {"CONNECT with bad UTF-8 as user name, 3.1.1", v311, "10 [ ('MQTT') 04 82 003C ('c') (FE) ]",
     close, ""},
    {"CONNECT with bad UTF-8 as user name, 5", v5, "10 [ ('MQTT') 05 82 003C [] ('c') (FE) ]",
     close, ""},
    {"CONNECT with an announced user name that is not there, 3.1", v31,
     "10 [ ('MQIsdp') 03 82 003C ('c') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=60 client-id='c'",
     "10 [ ('MQIsdp') 03 02 003C ('c') ]"},
    {"CONNECT with an announced password that is not there, 3.1", v31,
     "10 [ ('MQIsdp') 03 C2 003C ('c') ('u') ]", ok,
     "CONNECT version=3.1 clean-start keep-alive=60 client-id='c' user-name='u'",
     "10 [ ('MQIsdp') 03 82 003C ('c') ('u') ]"},
    // [MQTT-3.1.2-17]
    {"CONNECT cut off in the user name, 3.1.1", v311, "10 [ ('MQTT') 04 82 003C ('c') 0002 'u' ]",
     close, ""},
    // [MQTT-3.1.2-19]
    {"CONNECT cut off in the password, 5", v5, "10 [ ('MQTT') 05 C2 003C [] ('c') ('u') 0002 'p' ]",
     close, ""},

    // The end, and the size
    {"CONNECT with bytes after the last field, 3.1", v31, "10 [ ('MQIsdp') 03 02 003C ('c') 00 ]",
     malformed, ""},
    // [MQTT-3.1.2-16] [MQTT-3.1.2-18]
    {"CONNECT with bytes after the last field, 3.1.1", v311, "10 [ ('MQTT') 04 02 003C ('c') 00 ]",
     malformed, ""},
    {"CONNECT with bytes after the last field, 5", v5, "10 [ ('MQTT') 05 02 003C [] ('c') 00 ]",
     malformed, ""},
    {"CONNECT of more than 100000 bytes", v5,
     "10 [ ('MQTT') 05 C2 003C [ 16 (61*30000) ] ('c') (61*40000) (61*40000) ]", close_large, ""},

    // Properties beyond the matrix of properties and contexts
    {"CONNECT with authentication data only", v5, "10 [ ('MQTT') 05 02 003C [ 16 ('d') ] ('c') ]",
     error, ""},
    {"CONNECT with properties that are cut off", v5, "10 [ ('MQTT') 05 02 003C 7F ]", malformed,
     ""},
    {"CONNECT with a property length of five bytes", v5,
     "10 [ ('MQTT') 05 02 003C 80 80 80 80 01 ('c') ]", malformed, ""},
    {"CONNECT with a property length that is longer than needed", v5,
     "10 [ ('MQTT') 05 02 003C 80 00 ('c') ]", malformed, ""},
};

const Row connack_rows[] = {
    {"CONNACK 3.1", v31, "20 02 00 00", ok, "CONNACK 0x00"},
    {"CONNACK 3.1 with its reserved byte set", v31, "20 02 01 00", ok, "CONNACK 0x00",
     "20 02 00 00"},
    {"CONNACK 3.1.1 with a session", v311, "20 02 01 00", ok, "CONNACK session-present 0x00"},
    {"CONNACK with return code 1", v3, "20 02 00 01", ok, "CONNACK 0x84"},
    {"CONNACK with return code 2", v3, "20 02 00 02", ok, "CONNACK 0x85"},
    {"CONNACK with return code 3", v3, "20 02 00 03", ok, "CONNACK 0x88"},
    {"CONNACK with return code 4", v3, "20 02 00 04", ok, "CONNACK 0x86"},
    {"CONNACK with return code 5", v3, "20 02 00 05", ok, "CONNACK 0x87"},
    {"CONNACK with return code 6", v3, "20 02 00 06", malformed, ""},
    {"CONNACK with flags in the fixed header, 3.1", v31, "2F 02 00 00", ok, "CONNACK 0x00",
     "20 02 00 00"},
    {"CONNACK with flags in the fixed header", v311, "21 02 00 00", malformed, ""},
    {"CONNACK with flags in the fixed header, 5", v5, "21 03 00 00 00", malformed, ""},
    // [MQTT-3.2.2-1]
    {"CONNACK with reserved acknowledge flags, 3.1.1", v311, "20 02 02 00", malformed, ""},
    {"CONNACK with reserved acknowledge flags, 5", v5, "20 03 80 00 00", malformed, ""},
    {"CONNACK of one byte", all, "20 01 00", malformed, ""},
    {"CONNACK of no byte", all, "20 00", malformed, ""},
    {"CONNACK 3.x of three bytes", v3, "20 03 00 00 00", malformed, ""},
    {"CONNACK 5", v5, "20 03 01 00 00", ok, "CONNACK session-present 0x00"},
    {"CONNACK 5 with properties", v5, "20 [ 00 00 [ 22 000A 27 001E8480 21 0014 ] ]", ok,
     "CONNACK 0x00 [topic-alias-maximum=10 maximum-packet-size=2000000 receive-maximum=20]"},
    {"CONNACK 5 that refuses", v5, "20 03 00 87 00", ok, "CONNACK 0x87"},
    // [MQTT-3.2.2-6]
    {"CONNACK 5 that refuses, with a session", v5, "20 03 01 87 00", error, ""},
    {"CONNACK 3.1.1 that refuses, with a session", v311, "20 02 01 05", error, ""},
    // [MQTT-3.2.2-8]
    {"CONNACK 5 with a reason code of no CONNACK", v5, "20 03 00 8E 00", error, ""},
    {"CONNACK 5 with an unknown reason code", v5, "20 03 00 FF 00", error, ""},
    {"CONNACK of an older server to a client of version 5", v5, "20 02 00 01", ok, "CONNACK 0x84",
     "20 03 00 84 00"},
    {"CONNACK 5 without property length", v5, "20 02 00 00", malformed, ""},
    {"CONNACK 5 with bytes after the last field", v5, "20 04 00 00 00 00", malformed, ""},
};

const Row publish_rows[] = {
    // [MQTT-2.2.1-2]
    {"PUBLISH QoS 0", v3, "30 [ ('a/b') 'hi' ]", ok, "PUBLISH qos=0 topic='a/b' payload='hi'"},
    // [MQTT-2.2.2-1]
    {"PUBLISH QoS 0, 5", v5, "30 [ ('a/b') [] 'hi' ]", ok,
     "PUBLISH qos=0 topic='a/b' payload='hi'"},
    {"PUBLISH QoS 0 retained, without payload", v3, "31 [ ('a') ]", ok,
     "PUBLISH qos=0 retain topic='a' payload=''"},
    {"PUBLISH QoS 0 retained, without payload, 5", v5, "31 [ ('a') [] ]", ok,
     "PUBLISH qos=0 retain topic='a' payload=''"},
    {"PUBLISH QoS 1", v3, "32 [ ('a') 0007 'hi' ]", ok,
     "PUBLISH qos=1 topic='a' id=7 payload='hi'"},
    {"PUBLISH QoS 1, 5", v5, "32 [ ('a') 0007 [] 'hi' ]", ok,
     "PUBLISH qos=1 topic='a' id=7 payload='hi'"},
    {"PUBLISH QoS 1, DUP", v3, "3A [ ('a') 0007 'hi' ]", ok,
     "PUBLISH dup qos=1 topic='a' id=7 payload='hi'"},
    {"PUBLISH QoS 2, DUP, retained", v3, "3D [ ('a') FFFF 00 FF ]", ok,
     "PUBLISH dup qos=2 retain topic='a' id=65535 payload='\\x00\\xFF'"},
    {"PUBLISH QoS 2, 5", v5, "34 [ ('a') 0100 [] ]", ok,
     "PUBLISH qos=2 topic='a' id=256 payload=''"},
    {"PUBLISH with all a client may say", v5,
     "30 [ ('a') [ 01 01 02 0000003C 03 ('t/x') 08 ('re/ply') 09 (00) 23 0005 26 ('k') ('v') "
     "26 ('k') ('w') ] 'hi' ]",
     ok,
     "PUBLISH qos=0 topic='a' [payload-format-indicator=1 message-expiry-interval=60 "
     "content-type='t/x' response-topic='re/ply' correlation-data='\\x00' topic-alias=5 "
     "user-property='k':'v' user-property='k':'w'] payload='hi'"},
    {"PUBLISH with several subscription identifiers", v5,
     "30 [ ('a') [ 0B 01 0B FFFFFF7F 0B 8001 ] ]", ok,
     "PUBLISH qos=0 topic='a' [subscription-identifier=1 subscription-identifier=268435455 "
     "subscription-identifier=128] payload=''"},
    {"PUBLISH by alias alone", v5, "30 [ ('') [ 23 0001 ] 'hi' ]", ok,
     "PUBLISH qos=0 topic='' [topic-alias=1] payload='hi'"},
    {"PUBLISH with payload of 16384 bytes", v311, "30 [ ('a') 62*16384 ]", ok,
     "PUBLISH qos=0 topic='a' payload='" + std::string(16384, 'b') + "'"},
    // [MQTT-1.5.4-3]
    {"PUBLISH to a topic in many scripts", v311, "30 [ (C3A9 '/' E282AC '/' F09F9880 '/' EFBBBF) ]",
     ok,
     "PUBLISH qos=0 topic='\\xC3\\xA9/\\xE2\\x82\\xAC/\\xF0\\x9F\\x98\\x80/\\xEF\\xBB\\xBF' "
     "payload=''"},
    {"PUBLISH to a topic of 201 levels", v311, "30 [ (" + levels_201 + ") ]", ok,
     "PUBLISH qos=0 topic='" + std::string(200, '/') + "' payload=''"},
    {"PUBLISH to a topic of 65535 bytes", v311, "30 [ (74*65535) ]", ok,
     "PUBLISH qos=0 topic='" + std::string(65535, 't') + "' payload=''"},

    {"PUBLISH to a topic of 202 levels, 3.x", v3, "30 [ (" + levels_202 + ") ]", malformed, ""},
    {"PUBLISH to a topic of 202 levels, 5", v5, "30 [ (" + levels_202 + ") [] ]", malformed, ""},
    // [MQTT-3.3.1-4]
    {"PUBLISH QoS 3", v3, "36 [ ('a') 0001 ]", malformed, ""},
    {"PUBLISH QoS 3, 5", v5, "36 [ ('a') 0001 [] ]", malformed, ""},
    {"PUBLISH QoS 3, DUP and RETAIN", v5, "3F [ ('a') 0001 [] ]", malformed, ""},
    // [MQTT-3.3.1-2]
    {"PUBLISH QoS 0, DUP", v3, "38 [ ('a') ]", malformed, ""},
    {"PUBLISH QoS 0, DUP, 5", v5, "38 [ ('a') [] ]", malformed, ""},
    // [MQTT-2.2.1-3] [MQTT-2.2.1-4]
    {"PUBLISH with packet identifier 0", v3, "32 [ ('a') 0000 ]", error, ""},
    {"PUBLISH with packet identifier 0, 5", v5, "34 [ ('a') 0000 [] ]", error, ""},
    // [MQTT-3.3.2-2] [MQTT-4.7.0-1]
    {"PUBLISH to '+'", v3, "30 [ ('+') ]", malformed, ""},
    {"PUBLISH to a wildcard at the end of eight bytes", v3, "30 [ ('abc/def+') ]", malformed, ""},
    {"PUBLISH to a wildcard behind eight bytes", v3, "30 [ ('abc/defg/#') ]", malformed, ""},
    {"PUBLISH to a wildcard, 5", v5, "30 [ ('a/#') [] ]", malformed, ""},
    // [MQTT-3.3.2-1] [MQTT-4.7.3-1]
    {"PUBLISH to no topic", v3, "30 [ ('') 'hi' ]", malformed, ""},
    {"PUBLISH to no topic and no alias, 5", v5, "30 [ ('') [] 'hi' ]", malformed, ""},
    // [MQTT-1.5.4-1] [MQTT-3.3.2-1]
    {"PUBLISH to bad UTF-8", v3, "30 [ ('a' FF) ]", malformed, ""},
    {"PUBLISH to bad UTF-8, with an alias", v5, "30 [ ('a' ED A0 80) [ 23 0001 ] ]", malformed, ""},
    // [MQTT-1.5.4-2] [MQTT-4.7.3-2]
    {"PUBLISH to U+0000", v3, "30 [ ('a' 00 'b') ]", malformed, ""},
    {"PUBLISH to a control character", v5, "30 [ ('a' 1F) [] ]", malformed, ""},
    {"PUBLISH to a non-character", v5, "30 [ ('a' EFBFBF) [] ]", malformed, ""},
    {"PUBLISH without a body", all, "30 00", malformed, ""},
    {"PUBLISH cut off in the topic", all, "30 [ 0005 'abc' ]", malformed, ""},
    {"PUBLISH cut off in the packet identifier", all, "32 [ ('a') 00 ]", malformed, ""},
    // [MQTT-2.2.2-1]
    {"PUBLISH 5 without properties", v5, "30 [ ('a') ]", malformed, ""},
    {"PUBLISH 5 cut off in the properties", v5, "30 [ ('a') 04 23 00 ]", malformed, ""},
    // [MQTT-1.5.5-1]
    {"PUBLISH with a property length that is longer than needed", v5, "30 [ ('a') 80 00 ]",
     malformed, ""},
    // [MQTT-3.3.2-14]
    {"PUBLISH with a wildcard in the Response Topic", v5, "30 [ ('a') [ 08 ('r/+') ] ]", error, ""},
    {"PUBLISH with an empty Response Topic", v5, "30 [ ('a') [ 08 ('') ] ]", error, ""},
    // [MQTT-3.3.2-13]
    {"PUBLISH with bad UTF-8 as Response Topic", v5, "30 [ ('a') [ 08 (FF) ] ]", malformed, ""},
    // [MQTT-3.3.2-19]
    {"PUBLISH with bad UTF-8 as Content Type", v5, "30 [ ('a') [ 03 (C1 81) ] ]", malformed, ""},
    // [MQTT-1.5.7-1]
    {"PUBLISH with bad UTF-8 in the name of a user property", v5, "30 [ ('a') [ 26 (FF) ('v') ] ]",
     malformed, ""},
    {"PUBLISH with bad UTF-8 in the value of a user property", v5, "30 [ ('a') [ 26 ('k') (FF) ] ]",
     malformed, ""},
    {"PUBLISH with half a user property", v5, "30 [ ('a') [ 26 ('k') ] ]", malformed, ""},
    {"PUBLISH with property 0", v5, "30 [ ('a') [ 00 ] ]", malformed, ""},
    {"PUBLISH with a property between known ones", v5, "30 [ ('a') [ 04 00 ] ]", malformed, ""},
    {"PUBLISH with a property above all known ones", v5, "30 [ ('a') [ 2B 00 ] ]", malformed, ""},
    {"PUBLISH with a property identifier of two bytes", v5, "30 [ ('a') [ 8101 01 ] ]", malformed,
     ""},
    {"PUBLISH with a subscription identifier of five bytes", v5, "30 [ ('a') [ 0B 80808080 01 ] ]",
     malformed, ""},
    {"PUBLISH with a subscription identifier that is longer than needed", v5,
     "30 [ ('a') [ 0B 8100 ] ]", malformed, ""},
};

const Row acknowledgement_rows[] = {
    {"PUBACK", all, "40 02 00 07", ok, "PUBACK id=7 0x00"},
    {"PUBREC", all, "50 02 00 07", ok, "PUBREC id=7 0x00"},
    {"PUBREL", all, "62 02 00 07", ok, "PUBREL id=7 0x00"},
    {"PUBCOMP", all, "70 02 FF FF", ok, "PUBCOMP id=65535 0x00"},
    {"PUBACK with a reason", v5, "40 03 00 07 10", ok, "PUBACK id=7 0x10"},
    {"PUBREC with a reason", v5, "50 03 00 07 97", ok, "PUBREC id=7 0x97"},
    {"PUBREL with a reason", v5, "62 03 00 07 92", ok, "PUBREL id=7 0x92"},
    {"PUBCOMP with a reason", v5, "70 03 00 07 92", ok, "PUBCOMP id=7 0x92"},
    {"PUBACK that says success", v5, "40 03 00 07 00", ok, "PUBACK id=7 0x00", "40 02 00 07"},
    {"PUBACK with empty properties", v5, "40 04 00 07 87 00", ok, "PUBACK id=7 0x87",
     "40 03 00 07 87"},
    {"PUBREL with success and empty properties", v5, "62 04 00 07 00 00", ok, "PUBREL id=7 0x00",
     "62 02 00 07"},
    {"PUBACK with properties", v5, "40 [ 0007 00 [ 1F ('why') 26 ('k') ('v') ] ]", ok,
     "PUBACK id=7 0x00 [reason-string='why' user-property='k':'v']"},

    {"PUBACK of no byte", all, "40 00", malformed, ""},
    {"PUBREC of one byte", all, "50 01 00", malformed, ""},
    {"PUBACK of three bytes, 3.x", v3, "40 03 00 07 00", malformed, ""},
    {"PUBREL of three bytes, 3.x", v3, "62 03 00 07 00", malformed, ""},
    {"PUBACK with packet identifier 0", all, "40 02 00 00", error, ""},
    {"PUBREC with packet identifier 0", all, "50 02 00 00", error, ""},
    {"PUBREL with packet identifier 0", all, "62 02 00 00", error, ""},
    {"PUBCOMP with packet identifier 0", all, "70 02 00 00", error, ""},
    // [MQTT-3.4.2-1]
    {"PUBACK with a reason of no PUBACK", v5, "40 03 00 07 92", error, ""},
    // [MQTT-3.5.2-1]
    {"PUBREC with a reason of no PUBREC", v5, "50 03 00 07 01", error, ""},
    // [MQTT-3.6.2-1]
    {"PUBREL with a reason of no PUBREL", v5, "62 03 00 07 10", error, ""},
    // [MQTT-3.7.2-1]
    {"PUBCOMP with a reason of no PUBCOMP", v5, "70 03 00 07 80", error, ""},
    {"PUBACK with bytes after the last field", v5, "40 05 00 07 00 00 00", malformed, ""},
    {"PUBACK with properties that are cut off", v5, "40 05 00 07 00 03 1F", malformed, ""},
    {"PUBACK with flags, 3.1", v31, "4B 02 00 07", ok, "PUBACK id=7 0x00", "40 02 00 07"},
    // [MQTT-2.1.3-1]
    {"PUBACK with flags", v311 | v5, "42 02 00 07", malformed, ""},
    {"PUBREC with flags", v311 | v5, "51 02 00 07", malformed, ""},
    {"PUBREL without flags, 3.1", v31, "60 02 00 07", ok, "PUBREL id=7 0x00", "62 02 00 07"},
    // [MQTT-3.6.1-1]
    {"PUBREL without flags", v311 | v5, "60 02 00 07", malformed, ""},
    {"PUBREL with DUP, 3.1", v31, "6A 02 00 07", ok, "PUBREL id=7 0x00", "62 02 00 07"},
    {"PUBREL with DUP", v311 | v5, "6A 02 00 07", malformed, ""},
    {"PUBCOMP with flags", v311 | v5, "78 02 00 07", malformed, ""},
    {"PUBACK of 10000 bytes", v5, "40 [ 0007 00 [ 1F (61*9991) ] ]", ok,
     "PUBACK id=7 0x00 [reason-string='" + std::string(9991, 'a') + "']"},
    {"PUBACK of more than 10000 bytes", v5, "40 [ 0007 00 [ 1F (61*9993) ] ]", close_large, ""},
    {"PUBREC of more than 10000 bytes", v5, "50 [ 0007 00 [ 1F (61*9993) ] ]", close_large, ""},
    {"PUBREL of more than 10000 bytes", v5, "62 [ 0007 00 [ 1F (61*9993) ] ]", close_large, ""},
    {"PUBCOMP of more than 10000 bytes", v5, "70 [ 0007 00 [ 1F (61*9993) ] ]", close_large, ""},
};

const Row subscribe_rows[] = {
    {"SUBSCRIBE", v3, "82 [ 0001 ('a/b') 01 ]", ok, "SUBSCRIBE id=1 'a/b' qos=1"},
    {"SUBSCRIBE to several filters", v3, "82 [ 0001 ('#') 00 ('+/+') 01 ('/') 02 ]", ok,
     "SUBSCRIBE id=1 '#' qos=0, '+/+' qos=1, '/' qos=2"},
    {"SUBSCRIBE 5", v5, "82 [ 0001 [] ('a') 00 ]", ok, "SUBSCRIBE id=1 'a' qos=0"},
    {"SUBSCRIBE 5 with all options", v5, "82 [ 0001 [ 0B 07 26 ('k') ('v') ] ('a/#') 2E ('b') 11 ]",
     ok,
     "SUBSCRIBE id=1 [subscription-identifier=7 user-property='k':'v'] "
     "'a/#' qos=2 no-local retain-as-published retain-handling=2, 'b' qos=1 retain-handling=1"},
    {"SUBSCRIBE to a shared filter", v3, "82 [ 0001 ('$share/g/a/#') 01 ]", ok,
     "SUBSCRIBE id=1 '$share/g/a/#' qos=1"},
    {"SUBSCRIBE to a shared filter of an empty first level", v5, "82 [ 0001 [] ('$share/g//') 01 ]",
     ok, "SUBSCRIBE id=1 '$share/g//' qos=1"},
    {"SUBSCRIBE for nothing, 3.1", v31, "82 02 00 01", ok, "SUBSCRIBE id=1"},
    // [MQTT-3.8.3-2]
    {"SUBSCRIBE for nothing, 3.1.1", v311, "82 02 00 01", malformed, ""},
    {"SUBSCRIBE for nothing, 5", v5, "82 03 00 01 00", malformed, ""},
    {"SUBSCRIBE with DUP, 3.1", v31, "8A [ 0001 ('a') 00 ]", ok, "SUBSCRIBE id=1 'a' qos=0",
     "82 [ 0001 ('a') 00 ]"},
    {"SUBSCRIBE with DUP", v311, "8A [ 0001 ('a') 00 ]", malformed, ""},
    // [MQTT-3.8.1-1]
    {"SUBSCRIBE without flags", v311, "80 [ 0001 ('a') 00 ]", malformed, ""},
    {"SUBSCRIBE without flags, 5", v5, "80 [ 0001 [] ('a') 00 ]", malformed, ""},
    // [MQTT-2.2.1-3]
    {"SUBSCRIBE with packet identifier 0", v3, "82 [ 0000 ('a') 00 ]", malformed, ""},
    {"SUBSCRIBE with packet identifier 0, 5", v5, "82 [ 0000 [] ('a') 00 ]", malformed, ""},
    {"SUBSCRIBE at QoS 3", v3, "82 [ 0001 ('a') 03 ]", malformed, ""},
    {"SUBSCRIBE at QoS 3, 5", v5, "82 [ 0001 [] ('a') 03 ]", malformed, ""},
    // [MQTT-3.8.3-5]
    {"SUBSCRIBE with options that 3.x has not", v3, "82 [ 0001 ('a') 04 ]", malformed, ""},
    {"SUBSCRIBE with Retain Handling 3", v5, "82 [ 0001 [] ('a') 30 ]", malformed, ""},
    // [MQTT-3.8.3-5]
    {"SUBSCRIBE with the reserved option 0x40", v5, "82 [ 0001 [] ('a') 40 ]", malformed, ""},
    {"SUBSCRIBE with the reserved option 0x80", v5, "82 [ 0001 [] ('a') 80 ]", malformed, ""},
    {"SUBSCRIBE to an empty filter", v3, "82 [ 0001 ('') 00 ]", malformed, ""},
    {"SUBSCRIBE to an empty filter, 5", v5, "82 [ 0001 [] ('') 00 ]", malformed, ""},
    // [MQTT-4.7.1-1]
    {"SUBSCRIBE with '#' within", v3, "82 [ 0001 ('a/#/b') 00 ]", malformed, ""},
    {"SUBSCRIBE with '#' in a level", v5, "82 [ 0001 [] ('a#') 00 ]", malformed, ""},
    // [MQTT-4.7.1-2]
    {"SUBSCRIBE with '+' in a level", v5, "82 [ 0001 [] ('a/b+/c') 00 ]", malformed, ""},
    // [MQTT-3.8.3-1]
    {"SUBSCRIBE with bad UTF-8", v3, "82 [ 0001 (C3) 00 ]", malformed, ""},
    {"SUBSCRIBE to 201 levels", v3, "82 [ 0001 (" + levels_201 + ") 00 ]", ok,
     "SUBSCRIBE id=1 '" + std::string(200, '/') + "' qos=0"},
    {"SUBSCRIBE to 202 levels", v3, "82 [ 0001 (" + levels_202 + ") 00 ]", malformed, ""},
    {"SUBSCRIBE to $share alone", v5, "82 [ 0001 [] ('$share') 00 ]", error, ""},
    // [MQTT-4.8.2-2]
    {"SUBSCRIBE to $share and a name", v5, "82 [ 0001 [] ('$share/g') 00 ]", error, ""},
    {"SUBSCRIBE to $share and a name, 3.x", v3, "82 [ 0001 ('$share/g') 00 ]", error, ""},
    // [MQTT-4.8.2-1]
    {"SUBSCRIBE with an empty share name", v5, "82 [ 0001 [] ('$share//x') 01 ]", error, ""},
    {"SUBSCRIBE with an empty share name, 3.x", v3, "82 [ 0001 ('$share//x') 01 ]", error, ""},
    {"SUBSCRIBE to $share, a name and nothing", v5, "82 [ 0001 [] ('$share/g/') 00 ]", error, ""},
    {"SUBSCRIBE with '+' in the share name", v5, "82 [ 0001 [] ('$share/g+/x') 00 ]", malformed,
     ""},
    {"SUBSCRIBE with '#' in the share name", v5, "82 [ 0001 [] ('$share/g#/x') 00 ]", malformed,
     ""},
    {"SUBSCRIBE with '+' as share name", v5, "82 [ 0001 [] ('$share/+/x') 00 ]", malformed, ""},
    // [MQTT-3.8.3-4]
    {"SUBSCRIBE with No Local to a shared filter", v5, "82 [ 0001 [] ('$share/g/x') 04 ]", error,
     ""},
    {"SUBSCRIBE cut off in the packet identifier", all, "82 01 00", malformed, ""},
    {"SUBSCRIBE cut off in the filter", v3, "82 [ 0001 0002 'a' ]", malformed, ""},
    {"SUBSCRIBE cut off before the options", v3, "82 [ 0001 ('a') ]", malformed, ""},
    {"SUBSCRIBE 5 cut off before the options", v5, "82 [ 0001 [] ('a') 00 ('b') ]", malformed, ""},
    {"SUBSCRIBE 5 without properties", v5, "82 02 00 01", malformed, ""},
    {"SUBSCRIBE of more than 100000 bytes", v5, "82 [ 0001 [] (61*60000) 00 (62*60000) 00 ]",
     close_large, ""},
    {"SUBSCRIBE of more than 100000 bytes, 3.x", v3, "82 [ 0001 (61*60000) 00 (62*60000) 00 ]", ok,
     "SUBSCRIBE id=1 '" + std::string(60000, 'a') + "' qos=0, '" + std::string(60000, 'b') +
         "' qos=0"},

    {"UNSUBSCRIBE", v3, "A2 [ 0001 ('a/b') ]", ok, "UNSUBSCRIBE id=1 'a/b'"},
    {"UNSUBSCRIBE from several filters", v5, "A2 [ 0001 [ 26 ('k') ('v') ] ('#') ('$share/g/x') ]",
     ok, "UNSUBSCRIBE id=1 [user-property='k':'v'] '#' '$share/g/x'"},
    {"UNSUBSCRIBE from nothing, 3.1", v31, "A2 02 00 01", ok, "UNSUBSCRIBE id=1"},
    // [MQTT-3.10.3-2]
    {"UNSUBSCRIBE from nothing, 3.1.1", v311, "A2 02 00 01", malformed, ""},
    {"UNSUBSCRIBE from nothing, 5", v5, "A2 03 00 01 00", malformed, ""},
    {"UNSUBSCRIBE with packet identifier 0", v3, "A2 [ 0000 ('a') ]", malformed, ""},
    {"UNSUBSCRIBE without flags, 3.1", v31, "A0 [ 0001 ('a') ]", ok, "UNSUBSCRIBE id=1 'a'",
     "A2 [ 0001 ('a') ]"},
    // [MQTT-3.10.1-1]
    {"UNSUBSCRIBE without flags", v311, "A0 [ 0001 ('a') ]", malformed, ""},
    {"UNSUBSCRIBE without flags, 5", v5, "A0 [ 0001 [] ('a') ]", malformed, ""},
    {"UNSUBSCRIBE from an empty filter", v5, "A2 [ 0001 [] ('') ]", malformed, ""},
    {"UNSUBSCRIBE from 'a/#/b'", v3, "A2 [ 0001 ('a/#/b') ]", malformed, ""},
    // [MQTT-3.10.3-1]
    {"UNSUBSCRIBE from bad UTF-8", v5, "A2 [ 0001 [] ('a') (80) ]", malformed, ""},
    {"UNSUBSCRIBE with an empty share name", v5, "A2 [ 0001 [] ('$share//x') ]", error, ""},
    {"UNSUBSCRIBE from $share and a name", v5, "A2 [ 0001 [] ('$share/g') ]", error, ""},
    {"UNSUBSCRIBE cut off in a filter", v3, "A2 [ 0001 ('a') 0002 'b' ]", malformed, ""},
    {"UNSUBSCRIBE of more than 100000 bytes", v5, "A2 [ 0001 [] (61*60000) (62*60000) ]",
     close_large, ""},
};

const Row suback_rows[] = {
    {"SUBACK", v3, "90 [ 0001 00 01 02 80 ]", ok, "SUBACK id=1 0x00 0x01 0x02 0x80"},
    {"SUBACK 5", v5, "90 [ 0001 [] 00 01 02 87 8F ]", ok, "SUBACK id=1 0x00 0x01 0x02 0x87 0x8F"},
    {"SUBACK 5 with properties", v5, "90 [ 0001 [ 1F ('why') ] 80 ]", ok,
     "SUBACK id=1 [reason-string='why'] 0x80"},
    {"SUBACK for nothing, 3.1", v31, "90 02 00 01", ok, "SUBACK id=1"},
    {"SUBACK for nothing", v311, "90 02 00 01", malformed, ""},
    {"SUBACK for nothing, 5", v5, "90 03 00 01 00", malformed, ""},
    {"SUBACK with an unknown return code", v3, "90 03 00 01 03", error, ""},
    // [MQTT311-3.9.3-2]
    {"SUBACK with a failure that 3.x has not", v3, "90 03 00 01 87", error, ""},
    // [MQTT-3.9.3-2]
    {"SUBACK with a reason of no SUBACK", v5, "90 04 00 01 00 11", error, ""},
    {"SUBACK with packet identifier 0", all, "90 04 00 00 00 00", error, ""},
    {"SUBACK with flags", v311, "92 03 00 01 00", malformed, ""},
    {"SUBACK cut off", all, "90 01 00", malformed, ""},
    {"SUBACK 5 without properties", v5, "90 02 00 01", malformed, ""},

    {"UNSUBACK", v3, "B0 02 00 01", ok, "UNSUBACK id=1"},
    {"UNSUBACK 5", v5, "B0 [ 0001 [ 26 ('k') ('v') ] 00 11 ]", ok,
     "UNSUBACK id=1 [user-property='k':'v'] 0x00 0x11"},
    {"UNSUBACK for nothing, 5", v5, "B0 03 00 01 00", malformed, ""},
    {"UNSUBACK with a payload, 3.x", v3, "B0 03 00 01 00", malformed, ""},
    // [MQTT-3.11.3-2]
    {"UNSUBACK with a reason of no UNSUBACK", v5, "B0 04 00 01 00 01", error, ""},
    {"UNSUBACK with packet identifier 0", v3, "B0 02 00 00", error, ""},
    {"UNSUBACK with flags", v311, "B2 02 00 01", malformed, ""},
};

const Row other_rows[] = {
    {"PINGREQ", all, "C0 00", ok, "PINGREQ"},
    {"PINGREQ with a body", all, "C0 01 00", close, ""},
    {"PINGREQ with flags, 3.1", v31, "CF 00", ok, "PINGREQ", "C0 00"},
    // [MQTT-2.1.3-1]
    {"PINGREQ with flags", v311 | v5, "C1 00", malformed, ""},
    {"PINGRESP", all, "D0 00", ok, "PINGRESP"},
    {"PINGRESP with a body", all, "D0 01 00", malformed, ""},
    {"PINGRESP with flags", v311 | v5, "D2 00", malformed, ""},

    {"DISCONNECT", all, "E0 00", ok, "DISCONNECT 0x00"},
    {"DISCONNECT with a body, 3.x", v3, "E0 01 00", malformed, ""},
    {"DISCONNECT with flags, 3.1", v31, "E8 00", ok, "DISCONNECT 0x00", "E0 00"},
    // [MQTT-3.14.1-1]
    {"DISCONNECT with flags", v311 | v5, "E1 00", malformed, ""},
    {"DISCONNECT that says normal", v5, "E0 01 00", ok, "DISCONNECT 0x00", "E0 00"},
    {"DISCONNECT with the Will", v5, "E0 01 04", ok, "DISCONNECT 0x04"},
    {"DISCONNECT with empty properties", v5, "E0 02 8E 00", ok, "DISCONNECT 0x8E", "E0 01 8E"},
    {"DISCONNECT with properties", v5,
     "E0 [ 9D [ 11 FFFFFFFF 1C ('there:1883') 1F ('moved') 26 ('k') ('v') ] ]", ok,
     "DISCONNECT 0x9D [session-expiry-interval=4294967295 server-reference='there:1883' "
     "reason-string='moved' user-property='k':'v']"},
    // [MQTT-3.14.2-1]
    {"DISCONNECT with a reason of no DISCONNECT", v5, "E0 01 01", error, ""},
    {"DISCONNECT with an unknown reason", v5, "E0 01 A3", error, ""},
    {"DISCONNECT with bytes after the last field", v5, "E0 03 00 00 00", error, ""},
    {"DISCONNECT with properties that are cut off", v5, "E0 02 00 01", malformed, ""},
    {"DISCONNECT of more than 10000 bytes", v5, "E0 [ 00 [ 1F (61*9996) ] ]", close_large, ""},

    {"AUTH", v5, "F0 [ 18 [ 15 ('m') 16 (00 01) ] ]", ok,
     "AUTH 0x18 [authentication-method='m' authentication-data='\\x00\\x01']"},
    {"AUTH that asks again", v5, "F0 [ 19 [ 15 ('m') ] ]", ok,
     "AUTH 0x19 [authentication-method='m']"},
    {"AUTH that ends well", v5, "F0 [ 00 [ 15 ('m') ] ]", ok,
     "AUTH 0x00 [authentication-method='m']"},
    {"AUTH without a body", v5, "F0 00", error, ""},
    {"AUTH without a method", v5, "F0 [ 18 [ 16 ('d') ] ]", error, ""},
    // [MQTT-3.15.2-1]
    {"AUTH with a reason of no AUTH", v5, "F0 [ 87 [ 15 ('m') ] ]", error, ""},
    // [MQTT-3.15.1-1]
    {"AUTH with flags", v5, "F1 [ 18 [ 15 ('m') ] ]", malformed, ""},
    {"AUTH with properties that are cut off", v5, "F0 [ 18 05 15 ]", malformed, ""},
    {"AUTH with bytes after the last field", v5, "F0 [ 18 [ 15 ('m') ] 00 ]", malformed, ""},
    {"AUTH of more than 100000 bytes", v5, "F0 [ 18 [ 15 ('m') 26 (61*50000) (62*50000) ] ]",
     close_large, ""},
    {"AUTH before MQTT 5.0", v3, "F0 [ 18 [ 15 ('m') ] ]", error, ""},

    {"packet of type 0", all, "00 00", error, ""},
    {"packet of type 0 with a body", all, "0F 02 00 00", error, ""},
};

// Every property in every context. What follows is table 2-4 of MQTT 5.0, written down a second
// time: the tests hold the library's own table against it.

/// Where a property block may stand: what comes before and after it.
struct Context {
  std::string_view name;
  std::string_view before;
  std::string_view after;
  std::string_view text_before;
  std::string_view text_after;
};

constexpr Context contexts[] = {
    {"CONNECT", "10 [ ('MQTT') 05 02 0000", "('c') ]", "CONNECT version=5 clean-start keep-alive=0",
     " client-id='c'"},
    {"CONNACK", "20 [ 00 00", "]", "CONNACK 0x00", ""},
    {"PUBLISH", "30 [ ('a')", "]", "PUBLISH qos=0 topic='a'", " payload=''"},
    {"Will", "10 [ ('MQTT') 05 06 0000 [] ('c')", "('w') ('') ]",
     "CONNECT version=5 clean-start keep-alive=0 client-id='c' will{topic='w' qos=0",
     " payload=''}"},
    {"PUBACK", "40 [ 0001 00", "]", "PUBACK id=1 0x00", ""},
    {"PUBREC", "50 [ 0001 00", "]", "PUBREC id=1 0x00", ""},
    {"PUBREL", "62 [ 0001 00", "]", "PUBREL id=1 0x00", ""},
    {"PUBCOMP", "70 [ 0001 00", "]", "PUBCOMP id=1 0x00", ""},
    {"SUBSCRIBE", "82 [ 0001", "('a') 00 ]", "SUBSCRIBE id=1", " 'a' qos=0"},
    {"SUBACK", "90 [ 0001", "00 ]", "SUBACK id=1", " 0x00"},
    {"UNSUBSCRIBE", "A2 [ 0001", "('a') ]", "UNSUBSCRIBE id=1", " 'a'"},
    {"UNSUBACK", "B0 [ 0001", "00 ]", "UNSUBACK id=1", " 0x00"},
    {"DISCONNECT", "E0 [ 00", "]", "DISCONNECT 0x00", ""},
    {"AUTH", "F0 [ 18", "]", "AUTH 0x18", ""},
};

constexpr std::string_view everywhere =
    "CONNECT CONNACK PUBLISH Will PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE "
    "UNSUBACK DISCONNECT AUTH";

struct PropertySample {
  std::string_view bytes;
  std::string_view text;
  std::string_view allowed;                 ///< names of contexts
  std::string_view repeatable = "nowhere";  ///< names of contexts
  std::string_view wrong_value = "";        ///< a value that breaks a rule (0x82)
  std::string_view cut_off = "";            ///< an encoding that is incomplete (0x81)
};

constexpr PropertySample property_samples[] = {
    {"01 01", "payload-format-indicator=1", "PUBLISH Will", "nowhere", "01 02", "01"},
    {"02 00000E10", "message-expiry-interval=3600", "PUBLISH Will", "nowhere", "", "02 000000"},
    {"03 ('text')", "content-type='text'", "PUBLISH Will", "nowhere", "", "03 0005 'text'"},
    {"08 ('r/t')", "response-topic='r/t'", "PUBLISH Will", "nowhere", "08 ('r/#')", "08 00"},
    {"09 (00 FF)", "correlation-data='\\x00\\xFF'", "PUBLISH Will", "nowhere", "", "09 0002 00"},
    {"0B 8001", "subscription-identifier=128", "PUBLISH SUBSCRIBE", "PUBLISH", "0B 00", "0B 80"},
    {"11 0000003C", "session-expiry-interval=60", "CONNECT CONNACK DISCONNECT", "nowhere", "",
     "11 00"},
    {"12 ('id')", "assigned-client-identifier='id'", "CONNACK", "nowhere", "", "12 0003 'id'"},
    {"13 003C", "server-keep-alive=60", "CONNACK", "nowhere", "", "13 00"},
    {"15 ('SCRAM')", "authentication-method='SCRAM'", "CONNECT CONNACK AUTH", "nowhere", "",
     "15 0006 'SCRAM'"},
    {"16 (01)", "authentication-data='\\x01'", "CONNECT CONNACK AUTH", "nowhere", "", "16 0001"},
    {"17 00", "request-problem-information=0", "CONNECT", "nowhere", "17 02", "17"},
    {"18 0000000A", "will-delay-interval=10", "Will", "nowhere", "", "18 000000"},
    {"19 01", "request-response-information=1", "CONNECT", "nowhere", "19 FF", "19"},
    {"1A ('info')", "response-information='info'", "CONNACK", "nowhere", "", "1A 0005 'info'"},
    {"1C ('host')", "server-reference='host'", "CONNACK DISCONNECT", "nowhere", "", "1C"},
    {"1F ('why')", "reason-string='why'",
     "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH", "nowhere", "",
     "1F 0004 'why'"},
    {"21 0014", "receive-maximum=20", "CONNECT CONNACK", "nowhere", "21 0000", "21 00"},
    {"22 0000", "topic-alias-maximum=0", "CONNECT CONNACK", "nowhere", "", "22"},
    // [MQTT-3.3.2-8]
    {"23 FFFF", "topic-alias=65535", "PUBLISH", "nowhere", "23 0000", "23 01"},
    {"24 01", "maximum-qos=1", "CONNACK", "nowhere", "24 02", "24"},
    {"25 00", "retain-available=0", "CONNACK", "nowhere", "25 02", "25"},
    {"26 ('k') ('v')", "user-property='k':'v'", everywhere, everywhere, "", "26 ('k') 0002 'v'"},
    {"27 00000001", "maximum-packet-size=1", "CONNECT CONNACK", "nowhere", "27 00000000",
     "27 000000"},
    {"28 00", "wildcard-subscription-available=0", "CONNACK", "nowhere", "28 02", "28"},
    {"29 01", "subscription-identifier-available=1", "CONNACK", "nowhere", "29 02", "29"},
    {"2A 01", "shared-subscription-available=1", "CONNACK", "nowhere", "2A 80", "2A"},
};

/// Whether `names`, divided by blanks, contain `name`.
bool lists(std::string_view names, std::string_view name) {
  const std::string padded = " " + std::string(names) + " ";
  return padded.find(" " + std::string(name) + " ") != std::string::npos;
}

/// What must come with a property for the packet to be right: the authentication method, in AUTH
/// and wherever there is authentication data.
const PropertySample* companion(const Context& context, const PropertySample& property) {
  static constexpr PropertySample method{"15 ('m')", "authentication-method='m'", "", "", "", ""};
  const bool is_method = property.bytes.substr(0, 2) == "15";
  const bool is_data = property.bytes.substr(0, 2) == "16";
  if (context.name == "AUTH" && !is_method) return &method;
  if (context.name == "CONNECT" && is_data) return &method;
  return nullptr;
}

class PropertyRows {
 public:
  PropertyRows(const Context& context, const PropertySample& property, std::vector<Row>& rows)
      : context_(context), property_(property), rows_(rows) {}

  void add() {
    const bool allowed = lists(property_.allowed, context_.name);
    const std::string sample(property_.bytes);
    const std::string text(property_.text);
    add("", sample, allowed ? ok : error, text);
    if (!allowed) return;
    const bool repeatable = lists(property_.repeatable, context_.name);
    add(", twice", sample + " " + sample, repeatable ? ok : error, text + " " + text);
    if (!property_.wrong_value.empty()) {
      add(", with a value out of range", std::string(property_.wrong_value), error, "");
    }
    add(", cut off", std::string(property_.cut_off), malformed, "");
  }

 private:
  void add(const std::string& what, const std::string& bytes, const Verdict& verdict,
           const std::string& text) {
    Row row{std::string(context_.name) + " with " + name() + what, v5, packet_with(bytes), verdict,
            ""};
    if (verdict.accepted) row.text = text_with(text);
    rows_.push_back(row);
  }

  std::string name() const {
    return std::string(property_.text.substr(0, property_.text.find('=')));
  }

  std::string packet_with(const std::string& bytes) const {
    const PropertySample* other = companion(context_, property_);
    const std::string block = (other != nullptr ? std::string(other->bytes) + " " : "") + bytes;
    return std::string(context_.before) + " [ " + block + " ] " + std::string(context_.after);
  }

  std::string text_with(const std::string& text) const {
    const PropertySample* other = companion(context_, property_);
    const std::string block = (other != nullptr ? std::string(other->text) + " " : "") + text;
    return std::string(context_.text_before) + " [" + block + "]" +
           std::string(context_.text_after);
  }

  const Context& context_;
  const PropertySample& property_;
  std::vector<Row>& rows_;
};

template <std::size_t size>
void append(std::vector<Row>& rows, const Row (&more)[size]) {
  rows.insert(rows.end(), std::begin(more), std::end(more));
}

std::vector<Row> make_rows() {
  std::vector<Row> rows;
  append(rows, connect_rows);
  append(rows, connack_rows);
  append(rows, publish_rows);
  append(rows, acknowledgement_rows);
  append(rows, subscribe_rows);
  append(rows, suback_rows);
  append(rows, other_rows);
  for (const Context& context : contexts) {
    for (const PropertySample& property : property_samples) {
      PropertyRows(context, property, rows).add();
    }
  }
  return rows;
}

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all_rows = make_rows();
  return all_rows;
}

}  // namespace packet_table
