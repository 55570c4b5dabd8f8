# fish completion for mqtt-broker, mqtt-passwd, mqtt-pub and mqtt-sub; found under the name of each.

function __mqtt_properties # the properties of -D that the packet before the cursor takes
    set -l words (commandline -opc)
    switch $words[-1]
        case connect
            printf '%s\n' session-expiry-interval authentication-method authentication-data \
                request-problem-information request-response-information receive-maximum \
                topic-alias-maximum user-property maximum-packet-size
        case publish
            printf '%s\n' payload-format-indicator message-expiry-interval content-type \
                response-topic correlation-data topic-alias user-property
        case subscribe
            printf '%s\n' subscription-identifier user-property
        case unsubscribe
            printf '%s\n' user-property
        case disconnect
            printf '%s\n' session-expiry-interval server-reference reason-string user-property
        case will
            printf '%s\n' payload-format-indicator message-expiry-interval content-type \
                response-topic correlation-data will-delay-interval user-property
    end
end

function __mqtt_wants_property # -D and the name of a packet stand before the cursor
    set -l words (commandline -opc)
    test (count $words) -gt 2; and contains -- $words[-2] -D --property
end

complete -c mqtt-pub -f
complete -c mqtt-sub -f
complete -c mqtt-broker -f
complete -c mqtt-pub -l help -d 'Print the help and exit'
complete -c mqtt-sub -l help -d 'Print the help and exit'
complete -c mqtt-broker -l help -d 'Print the help and exit'
complete -c mqtt-pub -l version -d 'Print the version and exit'
complete -c mqtt-sub -l version -d 'Print the version and exit'
complete -c mqtt-broker -l version -d 'Print the version and exit'
complete -c mqtt-pub -s h -l host -x -a '(__fish_print_hostnames)' -d 'Host name or address of the broker'
complete -c mqtt-sub -s h -l host -x -a '(__fish_print_hostnames)' -d 'Host name or address of the broker'
complete -c mqtt-pub -s p -l port -x -d 'Port of the broker'
complete -c mqtt-sub -s p -l port -x -d 'Port of the broker'
complete -c mqtt-pub -l unix -r -F -d 'Connect through this Unix socket'
complete -c mqtt-sub -l unix -r -F -d 'Connect through this Unix socket'
complete -c mqtt-pub -s A -x -d 'Connect from this local address'
complete -c mqtt-sub -s A -x -d 'Connect from this local address'
complete -c mqtt-pub -l nodelay -d 'Send small packets at once'
complete -c mqtt-sub -l nodelay -d 'Send small packets at once'
complete -c mqtt-pub -s L -l url -x -d 'All in one: mqtt://user:password@host:port/topic'
complete -c mqtt-sub -s L -l url -x -d 'All in one: mqtt://user:password@host:port/topic'
complete -c mqtt-pub -s i -l id -x -d 'Client identifier'
complete -c mqtt-sub -s i -l id -x -d 'Client identifier'
complete -c mqtt-pub -s I -l id-prefix -x -d 'Client identifier, the process id behind it'
complete -c mqtt-sub -s I -l id-prefix -x -d 'Client identifier, the process id behind it'
complete -c mqtt-pub -s c -l disable-clean-session -d 'Keep the session between runs'
complete -c mqtt-sub -s c -l disable-clean-session -d 'Keep the session between runs'
complete -c mqtt-pub -s x -x -d 'Keep the session this long after the end'
complete -c mqtt-sub -s x -x -d 'Keep the session this long after the end'
complete -c mqtt-pub -s k -l keepalive -x -d 'Keep alive, in seconds'
complete -c mqtt-sub -s k -l keepalive -x -d 'Keep alive, in seconds'
complete -c mqtt-pub -s V -l protocol-version -x -a '5 311 31 mqttv5 mqttv311 mqttv31' -d 'MQTT version'
complete -c mqtt-sub -s V -l protocol-version -x -a '5 311 31 mqttv5 mqttv311 mqttv31' -d 'MQTT version'
complete -c mqtt-pub -s u -l username -x -d 'User name'
complete -c mqtt-sub -s u -l username -x -d 'User name'
complete -c mqtt-pub -s P -l pw -x -d 'Password'
complete -c mqtt-sub -s P -l pw -x -d 'Password'
complete -c mqtt-pub -s D -l property -x -a 'connect publish subscribe unsubscribe disconnect will' -d 'Add a property to a packet'
complete -c mqtt-sub -s D -l property -x -a 'connect publish subscribe unsubscribe disconnect will' -d 'Add a property to a packet'
complete -c mqtt-pub -l ws -d 'Speak MQTT in WebSocket messages'
complete -c mqtt-sub -l ws -d 'Speak MQTT in WebSocket messages'
complete -c mqtt-pub -l cafile -r -F -d 'Use TLS, trust the authorities in this file'
complete -c mqtt-sub -l cafile -r -F -d 'Use TLS, trust the authorities in this file'
complete -c mqtt-pub -l capath -r -F -d 'Use TLS, trust the authorities in this folder'
complete -c mqtt-sub -l capath -r -F -d 'Use TLS, trust the authorities in this folder'
complete -c mqtt-pub -l tls-use-os-certs -d 'Use TLS, trust the authorities of this system'
complete -c mqtt-sub -l tls-use-os-certs -d 'Use TLS, trust the authorities of this system'
complete -c mqtt-pub -l cert -r -F -d 'The own certificate'
complete -c mqtt-sub -l cert -r -F -d 'The own certificate'
complete -c mqtt-pub -l key -r -F -d 'The key of the own certificate'
complete -c mqtt-sub -l key -r -F -d 'The key of the own certificate'
complete -c mqtt-pub -l insecure -d 'Accept any host name in the certificate'
complete -c mqtt-sub -l insecure -d 'Accept any host name in the certificate'
complete -c mqtt-pub -l tls-version -x -a 'tlsv1.2 tlsv1.3' -d 'Only this version'
complete -c mqtt-sub -l tls-version -x -a 'tlsv1.2 tlsv1.3' -d 'Only this version'
complete -c mqtt-pub -l ciphers -x -d 'Cipher suites'
complete -c mqtt-sub -l ciphers -x -d 'Cipher suites'
complete -c mqtt-pub -l tls-alpn -x -d 'The application protocol to ask for'
complete -c mqtt-sub -l tls-alpn -x -d 'The application protocol to ask for'
complete -c mqtt-pub -l tls-keylog -r -F -d 'Append the keys of the connection'
complete -c mqtt-sub -l tls-keylog -r -F -d 'Append the keys of the connection'
complete -c mqtt-pub -l psk -x -d 'Use TLS with this pre-shared key'
complete -c mqtt-sub -l psk -x -d 'Use TLS with this pre-shared key'
complete -c mqtt-pub -l psk-identity -x -d 'The name of the pre-shared key'
complete -c mqtt-sub -l psk-identity -x -d 'The name of the pre-shared key'
complete -c mqtt-pub -l no-tls -d 'No TLS, whatever the other options say'
complete -c mqtt-sub -l no-tls -d 'No TLS, whatever the other options say'
complete -c mqtt-pub -l will-topic -x -d 'Topic of the will'
complete -c mqtt-sub -l will-topic -x -d 'Topic of the will'
complete -c mqtt-pub -l will-payload -x -d 'Payload of the will'
complete -c mqtt-sub -l will-payload -x -d 'Payload of the will'
complete -c mqtt-pub -l will-qos -x -a '0 1 2' -d 'QoS of the will'
complete -c mqtt-sub -l will-qos -x -a '0 1 2' -d 'QoS of the will'
complete -c mqtt-pub -l will-retain -d 'Let the broker retain the will'
complete -c mqtt-sub -l will-retain -d 'Let the broker retain the will'
complete -c mqtt-pub -s t -l topic -x -d 'Topic to publish to'
complete -c mqtt-sub -s t -l topic -x -d 'Topic filter to subscribe to'
complete -c mqtt-pub -s q -l qos -x -a '0 1 2' -d 'QoS'
complete -c mqtt-sub -s q -l qos -x -a '0 1 2' -d 'QoS'
complete -c mqtt-pub -s M -x -d 'Most unacknowledged messages'
complete -c mqtt-sub -s M -x -d 'Most unacknowledged messages'
complete -c mqtt-pub -s d -l debug -d 'Show the packets that come and go'
complete -c mqtt-sub -s d -l debug -d 'Show the packets that come and go'
complete -c mqtt-pub -l quiet -d 'No errors and warnings while running'
complete -c mqtt-sub -l quiet -d 'No errors and warnings while running'
complete -c mqtt-pub -s m -l message -x -d 'Payload: this text'
complete -c mqtt-pub -s f -l file -r -F -d 'Payload: the whole of this file'
complete -c mqtt-pub -s n -l null-message -d 'Payload: empty'
complete -c mqtt-pub -s s -l stdin-file -d 'Payload: the whole of the standard input'
complete -c mqtt-pub -s l -l stdin-line -d 'One message for each line of the standard input'
complete -c mqtt-pub -s r -l retain -d 'Let the broker retain the message'
complete -c mqtt-pub -l repeat -x -d 'Publish this many times'
complete -c mqtt-pub -l repeat-delay -x -d 'Pause before each repetition, in seconds'
complete -c mqtt-sub -s T -l filter-out -x -d 'Drop messages whose topic matches'
complete -c mqtt-sub -s U -l unsubscribe -x -d 'Unsubscribe from this filter'
complete -c mqtt-sub -s R -d 'Drop retained messages that were there before'
complete -c mqtt-sub -l retained-only -d 'Stop at the first message that is not retained'
complete -c mqtt-sub -l remove-retained -d 'Remove the retained messages that arrive'
complete -c mqtt-sub -l retain-as-published -d 'Keep the retain flag as published'
complete -c mqtt-sub -l retain-handling -x -a 'always new never' -d 'When to send retained messages'
complete -c mqtt-sub -s C -x -d 'End after this many messages'
complete -c mqtt-sub -s W -x -d 'End after this many seconds'
complete -c mqtt-sub -s E -d 'End as soon as the subscription is acknowledged'
complete -c mqtt-sub -s v -l verbose -d 'Print the topic before the payload'
complete -c mqtt-sub -s F -x -d 'Print each message like this'
complete -c mqtt-sub -s N -d 'No newline after each message'
complete -c mqtt-sub -l pretty -d 'Indent the JSON of %j and %J'
complete -c mqtt-broker -s h -d 'Print the help and exit'
complete -c mqtt-broker -s c -l config-file -r -F -d 'Read this configuration file'
complete -c mqtt-broker -s p -l port -x -d 'Listen on this port'
complete -c mqtt-broker -s d -l daemon -d 'Run in the background'
complete -c mqtt-broker -s q -l quiet -d 'Log nothing'
complete -c mqtt-broker -s v -l verbose -d 'Log everything'
complete -c mqtt-broker -l test-config -d 'Check the configuration files and exit'
complete -c mqtt-passwd -l help -d 'Print the help and exit'
complete -c mqtt-passwd -l version -d 'Print the version and exit'
complete -c mqtt-passwd -s c -l create -d 'Begin a new file'
complete -c mqtt-passwd -s D -l delete -d 'Delete the user'
complete -c mqtt-passwd -s U -l upgrade -d 'Hash every password that is plain'
complete -c mqtt-passwd -l verify -d 'Say by the exit status whether the password fits'
complete -c mqtt-passwd -l list -d 'List the users'
complete -c mqtt-passwd -s b -l batch -d 'The password is the last word'
complete -c mqtt-passwd -l password-stdin -d 'Read the password from standard input'
complete -c mqtt-passwd -l password-fd -x -d 'Read the password from this descriptor'
complete -c mqtt-passwd -s H -l hash -x -a 'argon2id sha512-pbkdf2 sha512' -d 'How to hash'
complete -c mqtt-passwd -s I -l iterations -x -d 'Rounds of sha512-pbkdf2'
complete -c mqtt-passwd -l memory -x -d 'Memory of argon2id in KiB'
complete -c mqtt-passwd -l passes -x -d 'Passes of argon2id'
complete -c mqtt-pub -n __mqtt_wants_property -a '(__mqtt_properties)'
complete -c mqtt-sub -n __mqtt_wants_property -a '(__mqtt_properties)'
