# fish completion for mqtt-pub. Written by completions/generate.py from the program's --help.

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

complete -c mqtt-pub -f
complete -c mqtt-pub -n __mqtt_wants_property -x -a '(__mqtt_properties)'
complete -c mqtt-pub -l help -d 'print this help and exit'
complete -c mqtt-pub -l version -d 'print the version and exit'
complete -c mqtt-pub -s o -r -F -d 'read options from this file instead of your own options file'
complete -c mqtt-pub -l profile -x -a '(__mqtt_profiles)' -d 'read options from this file in ~/.config/mqtt/profiles'
complete -c mqtt-pub -s m -l message -x -d 'this text'
complete -c mqtt-pub -s f -l file -r -F -d 'the content of this file or pipe'
complete -c mqtt-pub -s n -l null-message -d 'empty'
complete -c mqtt-pub -s s -l stdin-file -d 'all of standard input'
complete -c mqtt-pub -s l -l stdin-line -d 'one message for each line of standard input'
complete -c mqtt-pub -s h -l host -x -a '(__fish_print_hostnames)' -d 'host name or address of the broker'
complete -c mqtt-pub -s p -l port -x -d 'port of the broker; 8883 implies TLS'
complete -c mqtt-pub -l unix -r -F -d 'connect through this Unix socket'
complete -c mqtt-pub -s S -d 'look up the broker by the service records of HOST'
complete -c mqtt-pub -s A -x -d 'connect from this local address'
complete -c mqtt-pub -l proxy -x -a 'socks5h://' -d 'connect through this proxy'
complete -c mqtt-pub -l ws -d 'use MQTT over WebSocket'
complete -c mqtt-pub -l nodelay -d 'send small packets immediately (TCP_NODELAY)'
complete -c mqtt-pub -s L -l url -x -a 'mqtt:// mqtts:// ws:// wss://' -d 'all in one'
complete -c mqtt-pub -s i -l id -x -d 'client identifier'
complete -c mqtt-pub -s I -l id-prefix -x -d 'client identifier: PREFIX and the process ID'
complete -c mqtt-pub -s c -l disable-clean-session -d 'keep the session between runs (needs -i)'
complete -c mqtt-pub -s x -x -d 'keep the session this long after the connection'
complete -c mqtt-pub -s k -l keepalive -x -d 'keep alive, 5 to 65535'
complete -c mqtt-pub -s V -l protocol-version -x -a '5 311 31 mqttv5 mqttv311 mqttv31' -d 'MQTT version: 5, 311 or 31'
complete -c mqtt-pub -s u -l username -x -d 'user name'
complete -c mqtt-pub -s P -l pw -x -d 'password'
complete -c mqtt-pub -l pw-file -r -F -d 'password'
complete -c mqtt-pub -s D -l property -x -a 'connect publish subscribe unsubscribe disconnect will' -d 'add an MQTT 5 property to a packet'
complete -c mqtt-pub -l cafile -r -F -d 'use TLS and trust the authorities in this PEM file'
complete -c mqtt-pub -l capath -r -F -d 'use TLS and trust the authorities in this folder'
complete -c mqtt-pub -l tls-use-os-certs -d 'use TLS and trust the authorities of this system'
complete -c mqtt-pub -l cert -r -F -d 'the client\'s own certificate (PEM)'
complete -c mqtt-pub -l key -r -F -d 'the key of the client\'s certificate (PEM)'
complete -c mqtt-pub -l keyform -x -a 'pem' -d 'format of the key: pem'
complete -c mqtt-pub -l insecure -d 'accept any host name in the broker\'s certificate'
complete -c mqtt-pub -l tls-version -x -a 'tlsv1.2 tlsv1.3' -d 'only tlsv1.2 or only tlsv1.3'
complete -c mqtt-pub -l ciphers -x -d 'cipher suites in OpenSSL notation'
complete -c mqtt-pub -l tls-alpn -x -d 'the application protocol to request (ALPN)'
complete -c mqtt-pub -l tls-keylog -r -F -d 'append the keys of the connection for network analysers'
complete -c mqtt-pub -l psk -x -d 'use TLS with this pre-shared key'
complete -c mqtt-pub -l psk-identity -x -d 'the name of the pre-shared key'
complete -c mqtt-pub -l no-tls -d 'no TLS, regardless of other options'
complete -c mqtt-pub -l will-topic -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic of the will'
complete -c mqtt-pub -l will-payload -x -d 'payload of the will'
complete -c mqtt-pub -l will-qos -x -a '0 1 2' -d 'qoS of the will: 0, 1 or 2'
complete -c mqtt-pub -l will-retain -d 'let the broker retain the will'
complete -c mqtt-pub -s t -l topic -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic to publish to'
complete -c mqtt-pub -s q -l qos -x -a '0 1 2' -d 'qoS: 0, 1 or 2'
complete -c mqtt-pub -s M -x -d 'maximum number of unacknowledged QoS 1 and 2 messages'
complete -c mqtt-pub -s r -l retain -d 'let the broker retain the message'
complete -c mqtt-pub -l repeat -x -d 'publish this many times'
complete -c mqtt-pub -l repeat-delay -x -d 'pause before each repetition, fraction allowed'
complete -c mqtt-pub -s d -l debug -d 'show the packets sent and received'
complete -c mqtt-pub -l quiet -d 'no errors and warnings while running'
complete -c mqtt-pub -l probe -x -a 'table json' -d 'test what the broker supports and how fast it answers'
complete -c mqtt-pub -l each -r -F -d 'one message for each row of this CSV or JSON file'
complete -c mqtt-pub -l delimiter -x -d 'field separator of a CSV file: \';\', tab, ...'
complete -c mqtt-pub -l each-file -x -d 'one message for each matching file, such as \'data/*.json\''
complete -c mqtt-pub -l rate -x -d 'limit the rate: 10/s, 2.5k, 600/min'
complete -c mqtt-pub -l summary -x -a 'text json' -d 'at the end, print what was sent: text or json'
complete -c mqtt-pub -l replay -r -F -d 'publish what mqtt-sub --record has recorded'
complete -c mqtt-pub -l speed -x -d 'replay this many times faster than recorded, or with max as fast as the broker accepts'
complete -c mqtt-pub -l topic-prefix -x -d 'put this before each replayed topic'
