# fish completion for mqtt-sub. Written by completions/generate.py from the program's --help.

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

complete -c mqtt-sub -f
complete -c mqtt-sub -n __mqtt_wants_property -x -a '(__mqtt_properties)'
complete -c mqtt-sub -l help -d 'print this help and exit'
complete -c mqtt-sub -l version -d 'print the version and exit'
complete -c mqtt-sub -s o -r -F -d 'read options from this file instead of your own options file'
complete -c mqtt-sub -l profile -x -a '(__mqtt_profiles)' -d 'read options from this file in ~/.config/mqtt/profiles'
complete -c mqtt-sub -s h -l host -x -a '(__fish_print_hostnames)' -d 'host name or address of the broker'
complete -c mqtt-sub -s p -l port -x -d 'port of the broker; 8883 implies TLS'
complete -c mqtt-sub -l unix -r -F -d 'connect through this Unix socket'
complete -c mqtt-sub -s S -d 'look up the broker by the service records of HOST'
complete -c mqtt-sub -s A -x -d 'connect from this local address'
complete -c mqtt-sub -l proxy -x -a 'socks5h://' -d 'connect through this proxy'
complete -c mqtt-sub -l ws -d 'use MQTT over WebSocket'
complete -c mqtt-sub -l nodelay -d 'send small packets immediately (TCP_NODELAY)'
complete -c mqtt-sub -s L -l url -x -a 'mqtt:// mqtts:// ws:// wss://' -d 'all in one'
complete -c mqtt-sub -s i -l id -x -d 'client identifier'
complete -c mqtt-sub -s I -l id-prefix -x -d 'client identifier: PREFIX and the process ID'
complete -c mqtt-sub -s c -l disable-clean-session -d 'keep the session between runs (needs -i)'
complete -c mqtt-sub -s x -x -d 'keep the session this long after the connection'
complete -c mqtt-sub -s k -l keepalive -x -d 'keep alive, 5 to 65535'
complete -c mqtt-sub -s V -l protocol-version -x -a '5 311 31 mqttv5 mqttv311 mqttv31' -d 'MQTT version: 5, 311 or 31'
complete -c mqtt-sub -s u -l username -x -d 'user name'
complete -c mqtt-sub -s P -l pw -x -d 'password'
complete -c mqtt-sub -l pw-file -r -F -d 'password'
complete -c mqtt-sub -s D -l property -x -a 'connect publish subscribe unsubscribe disconnect will' -d 'add an MQTT 5 property to a packet'
complete -c mqtt-sub -l cafile -r -F -d 'use TLS and trust the authorities in this PEM file'
complete -c mqtt-sub -l capath -r -F -d 'use TLS and trust the authorities in this folder'
complete -c mqtt-sub -l tls-use-os-certs -d 'use TLS and trust the authorities of this system'
complete -c mqtt-sub -l cert -r -F -d 'the client\'s own certificate (PEM)'
complete -c mqtt-sub -l key -r -F -d 'the key of the client\'s certificate (PEM)'
complete -c mqtt-sub -l keyform -x -a 'pem' -d 'format of the key: pem'
complete -c mqtt-sub -l insecure -d 'accept any host name in the broker\'s certificate'
complete -c mqtt-sub -l tls-version -x -a 'tlsv1.2 tlsv1.3' -d 'only tlsv1.2 or only tlsv1.3'
complete -c mqtt-sub -l ciphers -x -d 'cipher suites in OpenSSL notation'
complete -c mqtt-sub -l tls-alpn -x -d 'the application protocol to request (ALPN)'
complete -c mqtt-sub -l tls-keylog -r -F -d 'append the keys of the connection for network analysers'
complete -c mqtt-sub -l psk -x -d 'use TLS with this pre-shared key'
complete -c mqtt-sub -l psk-identity -x -d 'the name of the pre-shared key'
complete -c mqtt-sub -l no-tls -d 'no TLS, regardless of other options'
complete -c mqtt-sub -l will-topic -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic of the will'
complete -c mqtt-sub -l will-payload -x -d 'payload of the will'
complete -c mqtt-sub -l will-qos -x -a '0 1 2' -d 'qoS of the will: 0, 1 or 2'
complete -c mqtt-sub -l will-retain -d 'let the broker retain the will'
complete -c mqtt-sub -s t -l topic -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'topic filter to subscribe to; may be repeated'
complete -c mqtt-sub -s q -l qos -x -a '0 1 2' -d 'qoS: 0, 1 or 2'
complete -c mqtt-sub -s M -x -d 'maximum number of unacknowledged QoS 1 and 2 messages'
complete -c mqtt-sub -s T -l filter-out -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'drop messages whose topic matches; may be repeated'
complete -c mqtt-sub -s U -l unsubscribe -x -a '(__mqtt_topics_with "-S --ws --nodelay -c --disable-clean-session --tls-use-os-certs --insecure --no-tls" "-h --host -p --port --unix -A --proxy -L --url -i --id -I --id-prefix -x -k --keepalive -V --protocol-version -u --username -P --pw --pw-file --cafile --capath --cert --key --keyform --tls-version --ciphers --tls-alpn --tls-keylog --psk --psk-identity")' -d 'unsubscribe from this filter in a kept session'
complete -c mqtt-sub -s R -d 'drop retained messages'
complete -c mqtt-sub -l retain-as-published -d 'keep the retain flag as set by the publisher'
complete -c mqtt-sub -l retain-handling -x -a 'always new never' -d 'request retained messages always, only for a new subscription, or never'
complete -c mqtt-sub -l retained-only -d 'stop at the first message that is not retained'
complete -c mqtt-sub -l remove-retained -d 'remove the retained messages that arrive'
complete -c mqtt-sub -l dry-run -d 'only report what --remove-retained would remove'
complete -c mqtt-sub -l random-filter -x -d 'print only this share of the messages, chosen at random'
complete -c mqtt-sub -s d -l debug -d 'show the packets sent and received'
complete -c mqtt-sub -l quiet -d 'no errors and warnings while running'
complete -c mqtt-sub -l probe -x -a 'table json' -d 'test what the broker supports and how fast it answers'
complete -c mqtt-sub -s C -x -d 'exit after this many messages'
complete -c mqtt-sub -s W -x -d 'exit after this time, with status 27'
complete -c mqtt-sub -l idle -x -d 'exit after this time without a message, with status 0'
complete -c mqtt-sub -s E -d 'exit as soon as the subscription (with -U alone'
complete -c mqtt-sub -s v -l verbose -d 'print the topic before the payload'
complete -c mqtt-sub -s F -x -d 'print each message in this format'
complete -c mqtt-sub -s N -d 'no newline after each message'
complete -c mqtt-sub -l pretty -d 'indent the JSON of %j and %J'
complete -c mqtt-sub -l color -l colour -x -a 'auto always never' -d 'colour topics and the keys of JSON'
complete -c mqtt-sub -l escape -x -a 'auto always never' -d 'write control characters in messages as \\x1b'
complete -c mqtt-sub -s w -l watch -d 'show each topic on its own line of the screen'
complete -c mqtt-sub -l decode -x -a 'auto cbor msgpack hex base64' -d 'decode payloads'
complete -c mqtt-sub -l jq -x -d 'print the result of applying this jq expression to the JSON payload'
complete -c mqtt-sub -l raw-output -d 'print strings from --jq without quotes'
complete -c mqtt-sub -l output -x -a 'text json raw hex csv' -d 'print messages as json, text'
complete -c mqtt-sub -l record -r -F -d 'record messages for mqtt-pub --replay'
complete -c mqtt-sub -l stats -d 'show topics, rates and latest values in a live table'
complete -c mqtt-sub -l summary -x -a 'table json' -d 'count messages by topic and print the counts at the end and on SIGUSR1'
complete -c mqtt-sub -l every -x -d 'also print the summary at this interval'
complete -c mqtt-sub -l top -x -d 'limit the summary to this many topics with the highest rates'
complete -c mqtt-sub -l depth -x -d 'group topics by this many leading levels in --summary and --stats'
complete -c mqtt-sub -l message-rate -d 'print the number of messages once per second'
