# fish completion for mqtt-bench. Written by completions/generate.py from the program's --help.

function __mqtt_properties # the properties of the packet before the cursor
    switch (commandline -opc)[-1]
        case connect
            printf '%s\n' session-expiry-interval authentication-method authentication-data request-problem-information request-response-information receive-maximum topic-alias-maximum user-property maximum-packet-size
        case publish
            printf '%s\n' payload-format-indicator message-expiry-interval content-type response-topic correlation-data topic-alias user-property
        case subscribe
            printf '%s\n' subscription-identifier user-property
        case unsubscribe
            printf '%s\n' user-property
        case disconnect
            printf '%s\n' session-expiry-interval server-reference reason-string user-property
        case will
            printf '%s\n' payload-format-indicator message-expiry-interval content-type response-topic correlation-data will-delay-interval user-property
    end
end

function __mqtt_wants_property # -D and the name of a packet stand before the cursor
    set -l words (commandline -opc)
    test (count $words) -gt 2; and contains -- $words[-2] -D --property
end

function __mqtt_profiles
    set -q XDG_CONFIG_HOME; and set -l folder $XDG_CONFIG_HOME; or set -l folder ~/.config
    command ls $folder/mqtt/profiles 2>/dev/null
end

function __mqtt_topics_with # the options that reach a broker: without a value, and with one
    test -n "$MQTT_COMPLETE_TOPICS"; or return
    set -l flags (string split ' ' -- $argv[1])
    set -l valued (string split ' ' -- $argv[2])
    set -l words (commandline -opc)
    set -l connection
    for i in (seq 2 (count $words))
        if contains -- $words[$i] $flags; or contains -- (string split -m 1 = -- $words[$i])[1] $valued
            set -a connection $words[$i]
        else if contains -- $words[(math $i - 1)] $valued
            set -a connection $words[$i]
        end
    end
    timeout 3 mqtt-sub $connection -t '#' --retained-only -F %t -W 1 -C 2000 2>/dev/null
end

complete -c mqtt-bench -f
complete -c mqtt-bench -n __mqtt_wants_property -x -a '(__mqtt_properties)'
complete -c mqtt-bench -n __fish_use_subcommand -a conn -d 'Connect many clients and keep them connected: rate, latency, memory'
complete -c mqtt-bench -n __fish_use_subcommand -a pair -d 'Each publisher sends to a subscriber of its own'
complete -c mqtt-bench -n __fish_use_subcommand -a fanout -d 'A few publishers send to all subscribers'
complete -c mqtt-bench -n __fish_use_subcommand -a fanin -d 'Many publishers send to a few subscribers with a shared subscription'
complete -c mqtt-bench -n __fish_use_subcommand -a retained -d 'Publish retained messages, then deliver them to new subscribers'
complete -c mqtt-bench -n __fish_use_subcommand -a offline -d 'Fill the queues of offline sessions, then reconnect and drain them'
complete -c mqtt-bench -n __fish_use_subcommand -a storm -d 'All clients lose their connection and reconnect at once'
complete -c mqtt-bench -n __fish_use_subcommand -a slow -d 'Some subscribers stop reading: the effect on the others'
complete -c mqtt-bench -n __fish_use_subcommand -a pub -d 'Publish only; the subscribers run elsewhere'
complete -c mqtt-bench -n __fish_use_subcommand -a sub -d 'Subscribe only; the publishers run elsewhere'
complete -c mqtt-bench -n __fish_use_subcommand -a reqrep -d 'Requests and responses: round-trip time'
complete -c mqtt-bench -n __fish_use_subcommand -a compare -d 'Compare stored results: medians, spread, and whether they differ'
complete -c mqtt-bench -n __fish_use_subcommand -a versus -d 'Run a scenario with two brokers alternately, and compare them'
complete -c mqtt-bench -n __fish_use_subcommand -l help -d 'print the help and exit'
complete -c mqtt-bench -n __fish_use_subcommand -l version -d 'print the version and exit'
complete -c mqtt-bench -n '__fish_seen_subcommand_from versus; and not __fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -a 'conn pair fanout fanin retained offline storm slow pub sub reqrep'
complete -c mqtt-bench -n '__fish_seen_subcommand_from compare' -F
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep compare versus' -l help -d 'print this help and exit'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep compare versus' -l version -d 'print the version and exit'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l profile -x -a '(__mqtt_profiles)' -d 'read options from this file in ~/.config/mqtt/profiles'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn storm' -l clients -x -d 'clients'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l threads -x -d 'threads that generate the load'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l warm-up -x -d 'load before anything is measured, such as 500ms or 2'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l duration -x -d 'length of the measured part, such as 30s or 5min'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l drain-time -x -d 'at the end, wait until no message has arrived for this time'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l interval -x -d 'length of the slices of the time line'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l connect-rate -x -d 'new connections per second'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l broker-pid -x -a '(__fish_complete_pids)' -d 'watch this process: CPU time, memory, threads'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l broker-cmd -x -d 'start this broker, watch it, and end it with SIGTERM after the run'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l expect -x -a 'p50 p99 p99.9 min mean max end-to-end.p50 end-to-end.p99 end-to-end.p99.9 puback.p50 puback.p99 puback.p99.9 request.p50 request.p99 request.p99.9 replay.p50 replay.p99 replay.p99.9 drain.p50 drain.p99 drain.p99.9 connect.p50 connect.p99 connect.p99.9 tls.p50 tls.p99 tls.p99.9 subscribe.p50 subscribe.p99 subscribe.p99.9 rate publish-rate bandwidth published acknowledged expected delivered loss duplicates out-of-order corrupted unexpected connected connect-failures disconnects subscribe-failures publish-failures delayed-sends cpu/msg cpu switches/msg bytes/connection memory broker-threads generator-cpu/msg generator-load duration connect-rate reconnect-rate set-rate replay-rate fill-rate drain-rate idle-cpu p50-before-stall p99-before-stall delivered-to-stalled' -d 'a condition such as \'p99<5ms\', \'loss=0\' or \'rate>=50k/s\''
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l json -r -F -d 'write the result as JSON; - is standard output'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l csv -r -F -d 'append the result as a line to a CSV file'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l csv-intervals -r -F -d 'write the time line as CSV, a row per interval'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l report -r -F -d 'write the result as an HTML page'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l source -x -d 'local addresses to connect from, in turn'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l credentials -r -F -d 'user names and passwords of the clients, in turn'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s h -l host -x -a '(__fish_print_hostnames)' -d 'host name or address of the broker'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s p -l port -x -d 'port of the broker; 8883 implies TLS'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l unix -r -F -d 'connect through this Unix socket'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s S -d 'look up the broker by the service records of HOST'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s A -x -d 'connect from this local address'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l proxy -x -a 'socks5h://' -d 'connect through this proxy'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l ws -d 'use MQTT over WebSocket'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l nodelay -d 'send small packets immediately (TCP_NODELAY)'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s L -l url -x -a 'mqtt:// mqtts:// ws:// wss://' -d 'all in one'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s i -l id -x -d 'client identifier'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s I -l id-prefix -x -d 'client identifier: PREFIX and the process ID'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s c -l disable-clean-session -d 'keep the session between runs (needs -i)'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s x -x -d 'keep the session this long after the connection'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s k -l keepalive -x -d 'keep alive, 5 to 65535'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s V -l protocol-version -x -a '5 311 31 mqttv5 mqttv311 mqttv31' -d 'MQTT version: 5, 311 or 31'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s u -l username -x -d 'user name'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s P -l pw -x -d 'password'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l pw-file -r -F -d 'password'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s D -l property -x -a 'connect publish subscribe unsubscribe disconnect will' -d 'add an MQTT 5 property to a packet'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l cafile -r -F -d 'use TLS and trust the authorities in this PEM file'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l capath -r -F -d 'use TLS and trust the authorities in this folder'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l tls-use-os-certs -d 'use TLS and trust the authorities of this system'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l cert -r -F -d 'the client\'s own certificate (PEM)'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l key -r -F -d 'the key of the client\'s certificate (PEM)'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l keyform -x -a 'pem' -d 'format of the key: pem'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l insecure -d 'accept any host name in the broker\'s certificate'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l tls-version -x -a 'tlsv1.2 tlsv1.3' -d 'only tlsv1.2 or only tlsv1.3'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l ciphers -x -d 'cipher suites in OpenSSL notation'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l tls-alpn -x -d 'the application protocol to request (ALPN)'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l tls-keylog -r -F -d 'append the keys of the connection for network analysers'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l psk -x -d 'use TLS with this pre-shared key'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l psk-identity -x -d 'the name of the pre-shared key'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l no-tls -d 'no TLS, regardless of other options'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l will-topic -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "--source --credentials -h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic of the will'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l will-payload -x -d 'payload of the will'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l will-qos -x -a '0 1 2' -d 'qoS of the will: 0, 1 or 2'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l will-retain -d 'let the broker retain the will'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s t -l topic -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "--source --credentials -h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic, with placeholders'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s q -l qos -x -a '0 1 2' -d 'qoS: 0, 1 or 2'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s M -x -d 'maximum number of unacknowledged QoS 1 and 2 messages'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -s d -l debug -d 'show the packets sent and received'
complete -c mqtt-bench -n '__fish_seen_subcommand_from conn pair fanout fanin retained offline storm slow pub sub reqrep' -l quiet -d 'no errors and warnings while running'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair' -l pairs -x -d 'pairs of a publisher and a subscriber'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline storm slow pub sub reqrep' -l filter -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "--source --credentials -h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'what to subscribe to, placeholders as in -t'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -l window -x -d 'closed loop: outstanding messages per publisher'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -l rate -x -d 'open loop'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -l total-rate -x -d 'open loop'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -l ramp -x -d 'open loop: time in which the rate rises'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -l count -x -d 'messages per publisher, such as 1000 or 50k, instead of a duration'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -s r -l retain -d 'let the broker retain the messages'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -s s -l size -x -d 'payload size, including the 32-byte header'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -l payload -x -d 'payload after the header, placeholders as in -t'
complete -c mqtt-bench -n '__fish_seen_subcommand_from pair fanout fanin retained offline slow pub reqrep' -l payload-file -r -F -d 'file to send after the header, instead of --size'
complete -c mqtt-bench -n '__fish_seen_subcommand_from fanout fanin retained slow pub' -l publishers -x -d 'publishers'
complete -c mqtt-bench -n '__fish_seen_subcommand_from fanout fanin retained slow sub' -l subscribers -x -d 'subscribers'
complete -c mqtt-bench -n '__fish_seen_subcommand_from offline' -l sessions -x -d 'sessions, and as many publishers'
complete -c mqtt-bench -n '__fish_seen_subcommand_from storm' -l rounds -x -d 'how often the connections are lost'
complete -c mqtt-bench -n '__fish_seen_subcommand_from slow' -l stalled -x -d 'additional subscribers that stop reading'
complete -c mqtt-bench -n '__fish_seen_subcommand_from reqrep' -l requesters -x -d 'clients that send requests'
complete -c mqtt-bench -n '__fish_seen_subcommand_from reqrep' -l responders -x -d 'clients that respond, through a shared subscription'
complete -c mqtt-bench -n '__fish_seen_subcommand_from compare' -l a -r -F -d 'results of side A; more may follow'
complete -c mqtt-bench -n '__fish_seen_subcommand_from compare' -l b -r -F -d 'results of side B; more may follow'
complete -c mqtt-bench -n '__fish_seen_subcommand_from compare' -l a-name -x -d 'name of side A'
complete -c mqtt-bench -n '__fish_seen_subcommand_from compare' -l b-name -x -d 'name of side B'
complete -c mqtt-bench -n '__fish_seen_subcommand_from compare versus' -l expect-ratio -x -a 'p50 p99 p99.9 min mean max end-to-end.p50 end-to-end.p99 end-to-end.p99.9 puback.p50 puback.p99 puback.p99.9 request.p50 request.p99 request.p99.9 replay.p50 replay.p99 replay.p99.9 drain.p50 drain.p99 drain.p99.9 connect.p50 connect.p99 connect.p99.9 tls.p50 tls.p99 tls.p99.9 subscribe.p50 subscribe.p99 subscribe.p99.9 rate publish-rate bandwidth published acknowledged expected delivered loss duplicates out-of-order corrupted unexpected connected connect-failures disconnects subscribe-failures publish-failures delayed-sends cpu/msg cpu switches/msg bytes/connection memory broker-threads generator-cpu/msg generator-load duration connect-rate reconnect-rate set-rate replay-rate fill-rate drain-rate idle-cpu p50-before-stall p99-before-stall delivered-to-stalled' -d 'a condition for B/A such as \'cpu/msg<=1/20\''
complete -c mqtt-bench -n '__fish_seen_subcommand_from compare versus' -l json -r -F -d 'write the comparison as JSON; - is standard output'
complete -c mqtt-bench -n '__fish_seen_subcommand_from compare versus' -l report -r -F -d 'write the comparison as an HTML page'
complete -c mqtt-bench -n '__fish_seen_subcommand_from versus' -l a -x -d 'starts broker A'
complete -c mqtt-bench -n '__fish_seen_subcommand_from versus' -l b -x -d 'starts broker B'
complete -c mqtt-bench -n '__fish_seen_subcommand_from versus' -l a-name -x -d 'name of broker A'
complete -c mqtt-bench -n '__fish_seen_subcommand_from versus' -l b-name -x -d 'name of broker B'
complete -c mqtt-bench -n '__fish_seen_subcommand_from versus' -l runs -x -d 'runs of each broker'
complete -c mqtt-bench -n '__fish_seen_subcommand_from versus' -l keep -r -F -d 'keep the results of the individual runs there'
