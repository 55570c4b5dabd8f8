"""The rooms of the source tree and what each may see: the one table that check.py enforces.

A room is a folder of one job. It may include its own files, the rooms of its row, and the libraries
of its row; the plain C++ standard library is open to all. Rooms only ever look down: a row names
rooms that stand above it in the table.
"""

# room               rooms it may include, libraries it may include
ROOMS = {
    "libmqtt/protocol":  ("", "expected"),
    "libmqtt/io":        ("libmqtt/protocol", "expected uv openssl http_parser posix threads"),
    "libmqtt/client":    ("libmqtt/protocol libmqtt/io", "expected"),
    # Password hashes and files: no loop, no file opened.
    "libmqtt/credentials": ("libmqtt/protocol", "expected openssl argon2"),

    # Files as bytes, for the broker and the tools.
    "files":             ("", "expected posix"),
    # Which word was meant, for the broker and the tools.
    "spelling":          ("", ""),

    "broker/log":        ("", "fmt json posix threads"),
    "broker/metrics":    ("", "threads"),
    "broker/config":     ("libmqtt/protocol files spelling broker/log", "expected fmt posix"),
    # Knows loops and threads, and no MQTT.
    "broker/runtime":    ("libmqtt/io broker/log broker/metrics broker/config", "uv posix threads"),
    "broker/message":    ("libmqtt/protocol", "threads"),
    "broker/access":     ("libmqtt/protocol broker/message", "openssl posix threads"),
    "broker/access/files": ("libmqtt/protocol files spelling broker/log broker/config broker/runtime libmqtt/credentials "
                            "broker/access",
                            "expected fmt openssl posix threads"),
    # Hands out values; never calls a session.
    "broker/routing":    ("libmqtt/protocol broker/runtime broker/message", "threads"),
    # Speaks to its connection through PacketSink; does not know there is a network.
    "broker/session":    ("libmqtt/protocol broker/log broker/metrics broker/runtime broker/message broker/access "
                          "broker/routing",
                          "expected threads"),
    "broker/net":        ("libmqtt/protocol broker/log broker/metrics broker/config broker/runtime broker/message "
                          "broker/access broker/access/files broker/session libmqtt/io",
                          "expected fmt posix threads"),
    # How a client is let in: from CONNECT to CONNACK.
    "broker/net/opening": ("libmqtt/protocol broker/config broker/access broker/session libmqtt/io broker/net",
                           "expected openssl"),
    "broker/admin":      ("libmqtt/protocol broker/log broker/metrics broker/config broker/runtime broker/session",
                          "fmt posix threads"),
    # What the process is to the machine: its command line, its user, its children, its exit status.
    "broker/process":    ("files spelling broker/config broker/net", "expected fmt cli11 systemd posix"),
    # broker.{h,cpp}, main.cpp and what else stands beside them: puts the rooms together.
    "broker":            ("broker/log broker/metrics broker/config broker/runtime broker/access "
                          "broker/access/files broker/routing broker/session broker/net broker/net/opening "
                          "broker/admin broker/process",
                          "expected fmt posix threads"),

    # What the tools share, in four rooms.
    # Files, pipes and standard input, as bytes and lines.
    "cli/input":         ("files libmqtt/io", "expected fmt uv posix"),
    # Words of a command line or an options file, as values.
    "cli/options":       ("libmqtt/protocol spelling cli/input", "expected fmt cli11 posix"),
    # Messages, packets and complaints as text, on standard output or a terminal.
    "cli/output":        ("libmqtt/protocol libmqtt/io cli/input cli/options", "expected fmt cli11 json posix"),
    # The broker that a tool connects to, and the run around that connection.
    "cli/connection":    ("libmqtt/protocol libmqtt/io libmqtt/client cli/input cli/options cli/output",
                          "expected fmt cli11 uv posix"),
    # Where mqtt-pub's messages come from; knows no connection.
    "pub/source":        ("libmqtt/protocol libmqtt/io cli/input cli/options cli/output", "expected fmt posix"),
    # What a broker can do.
    "probe":             ("libmqtt/protocol libmqtt/io libmqtt/client cli/options cli/output cli/connection",
                          "expected fmt openssl posix"),
    # Recordings of messages: no file opened, no clock read.
    "recording":         ("libmqtt/protocol", "expected fmt zstd"),
    "pub":               ("libmqtt/io libmqtt/client cli/input cli/options cli/output cli/connection recording "
                          "probe pub/source",
                          "expected fmt cli11 posix"),
    "sub":               ("libmqtt/protocol libmqtt/io libmqtt/client libmqtt/credentials cli/input cli/options "
                          "cli/output cli/connection recording probe",
                          "expected fmt cli11 json cbor jq uv posix"),
    "rr":                ("libmqtt/io libmqtt/client cli/input cli/options cli/output cli/connection", "fmt cli11"),

    "passwd":            ("libmqtt/credentials cli/options", "expected fmt cli11 posix"),

    # What a run found: all that the rooms which make it and those which tell of it share.
    "bench/result":      ("", "fmt"),
    "bench/load":        ("libmqtt/protocol libmqtt/io libmqtt/client cli/input cli/output cli/connection "
                          "bench/result",
                          "expected fmt uv posix threads"),
    "bench/verdict":     ("cli/options bench/result", "expected fmt"),
    "bench/report":      ("cli/output bench/result bench/verdict", "expected fmt json posix"),
    "bench":             ("cli/input cli/options cli/connection bench/result bench/load bench/verdict "
                          "bench/report",
                          "expected fmt cli11 posix threads"),
}

# A header's library, by the first pattern that fits. A header of no library is refused, so that a
# new dependency is a decision and not an accident.
LIBRARIES = [
    ("threads", r"atomic|barrier|condition_variable|future|latch|mutex|semaphore|shared_mutex|"
                r"stop_token|thread|pthread\.h"),
    ("standard", r"[a-z_0-9]+"),
    ("expected", r"tl/expected\.hpp"),
    ("uv", r"uv\.h"),
    ("openssl", r"openssl/.*"),
    ("systemd", r"systemd/.*"),
    ("argon2", r"argon2\.h"),
    ("http_parser", r"http_parser\.h"),
    ("fmt", r"fmt/.*"),
    ("cli11", r"CLI/.*"),
    ("json", r"nlohmann/.*"),
    ("cbor", r"cbor\.h"),
    ("jq", r"jq\.h|jv\.h"),
    ("zstd", r"zstd\.h"),
    ("posix", r"(sys|netinet|arpa|net)/.*|(fcntl|glob|grp|ifaddrs|malloc|netdb|poll|pwd|signal|strings|syslog|"
              r"resolv|termios|time|unistd)\.h"),
]

# Words that no file or folder is called: they name no job.
EMPTY_NAMES = "util utils common types manager managers helper helpers misc"

# Above this a file holds more than one thing. Tests are tables and may be longer.
LONGEST_SOURCE_FILE = 600
