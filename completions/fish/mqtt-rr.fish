# fish completion for mqtt-rr. Written by completions/generate.py from the program's --help.

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

complete -c mqtt-rr -f
complete -c mqtt-rr -n __mqtt_wants_property -x -a '(__mqtt_properties)'
complete -c mqtt-rr -l help -d 'print this help and exit'
complete -c mqtt-rr -l version -d 'print the version and exit'
complete -c mqtt-rr -s o -r -F -d 'read options from this file instead of your own options file'
complete -c mqtt-rr -l profile -x -a '(__mqtt_profiles)' -d 'read options from this file in ~/.config/mqtt/profiles'
complete -c mqtt-rr -s m -l message -x -d 'this text'
complete -c mqtt-rr -s f -l file -r -F -d 'the content of this file or pipe'
complete -c mqtt-rr -s n -l null-message -d 'empty'
complete -c mqtt-rr -s s -l stdin-file -d 'all of standard input'
complete -c mqtt-rr -s h -l host -x -a '(__fish_print_hostnames)' -d 'host name or address of the broker'
complete -c mqtt-rr -s p -l port -x -d 'port of the broker; 8883 implies TLS'
complete -c mqtt-rr -l unix -r -F -d 'connect through this Unix socket'
complete -c mqtt-rr -s S -d 'look up the broker by the service records of HOST'
complete -c mqtt-rr -s A -x -d 'connect from this local address'
complete -c mqtt-rr -l proxy -x -a 'socks5h://' -d 'connect through this proxy'
complete -c mqtt-rr -l ws -d 'use MQTT over WebSocket'
complete -c mqtt-rr -l nodelay -d 'send small packets immediately (TCP_NODELAY)'
complete -c mqtt-rr -s L -l url -x -a 'mqtt:// mqtts:// ws:// wss://' -d 'all in one'
complete -c mqtt-rr -s i -l id -x -d 'client identifier'
complete -c mqtt-rr -s I -l id-prefix -x -d 'client identifier: PREFIX and the process ID'
complete -c mqtt-rr -s c -l disable-clean-session -d 'keep the session between runs (needs -i)'
complete -c mqtt-rr -s x -x -d 'keep the session this long after the connection'
complete -c mqtt-rr -s k -l keepalive -x -d 'keep alive, 5 to 65535'
complete -c mqtt-rr -s V -l protocol-version -x -a '5 311 31 mqttv5 mqttv311 mqttv31' -d 'MQTT version: 5, 311 or 31'
complete -c mqtt-rr -s u -l username -x -d 'user name'
complete -c mqtt-rr -s P -l pw -x -d 'password'
complete -c mqtt-rr -l pw-file -r -F -d 'password'
complete -c mqtt-rr -s D -l property -x -a 'connect publish subscribe unsubscribe disconnect will' -d 'add an MQTT 5 property to a packet'
complete -c mqtt-rr -l cafile -r -F -d 'use TLS and trust the authorities in this PEM file'
complete -c mqtt-rr -l capath -r -F -d 'use TLS and trust the authorities in this folder'
complete -c mqtt-rr -l tls-use-os-certs -d 'use TLS and trust the authorities of this system'
complete -c mqtt-rr -l cert -r -F -d 'the client\'s own certificate (PEM)'
complete -c mqtt-rr -l key -r -F -d 'the key of the client\'s certificate (PEM)'
complete -c mqtt-rr -l keyform -x -a 'pem' -d 'format of the key: pem'
complete -c mqtt-rr -l insecure -d 'accept any host name in the broker\'s certificate'
complete -c mqtt-rr -l tls-version -x -a 'tlsv1.2 tlsv1.3' -d 'only tlsv1.2 or only tlsv1.3'
complete -c mqtt-rr -l ciphers -x -d 'cipher suites in OpenSSL notation'
complete -c mqtt-rr -l tls-alpn -x -d 'the application protocol to request (ALPN)'
complete -c mqtt-rr -l tls-keylog -r -F -d 'append the keys of the connection for network analysers'
complete -c mqtt-rr -l psk -x -d 'use TLS with this pre-shared key'
complete -c mqtt-rr -l psk-identity -x -d 'the name of the pre-shared key'
complete -c mqtt-rr -l no-tls -d 'no TLS, regardless of other options'
complete -c mqtt-rr -l will-topic -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic of the will'
complete -c mqtt-rr -l will-payload -x -d 'payload of the will'
complete -c mqtt-rr -l will-qos -x -a '0 1 2' -d 'qoS of the will: 0, 1 or 2'
complete -c mqtt-rr -l will-retain -d 'let the broker retain the will'
complete -c mqtt-rr -s t -l topic -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic of the request'
complete -c mqtt-rr -s q -l qos -x -a '0 1 2' -d 'qoS: 0, 1 or 2'
complete -c mqtt-rr -s M -x -d 'maximum number of unacknowledged QoS 1 and 2 messages'
complete -c mqtt-rr -s e -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic of the response'
complete -c mqtt-rr -s R -d 'drop retained messages'
complete -c mqtt-rr -l retain-as-published -d 'keep the retain flag as set by the publisher'
complete -c mqtt-rr -l retain-handling -x -a 'always new never' -d 'request retained messages always, only for a new subscription, or never'
complete -c mqtt-rr -s d -l debug -d 'show the packets sent and received'
complete -c mqtt-rr -l quiet -d 'no errors and warnings while running'
complete -c mqtt-rr -s W -x -d 'exit after this time without a response, with status 27'
complete -c mqtt-rr -s v -l verbose -d 'print the topic before the payload'
complete -c mqtt-rr -s F -x -d 'print each message in this format'
complete -c mqtt-rr -s N -d 'no newline after each message'
complete -c mqtt-rr -l pretty -d 'indent the JSON of %j and %J'
complete -c mqtt-rr -l color -l colour -x -a 'auto always never' -d 'colour topics and the keys of JSON'
complete -c mqtt-rr -l escape -x -a 'auto always never' -d 'write control characters in messages as \\x1b'
complete -c mqtt-rr -l latency -d 'print the time from the request to the response'
