# The probes of `doctor --to`.

# The names of the probes
check-credentials = credentials
check-connection = connection
check-clock = clock
check-url-check = URL check
check-plus-sign = plus sign
check-forged-url-check = forged URL check
check-delivery = delivery
check-forged-delivery = forged delivery
check-padding = padding
check-ciphertexts = ciphertexts
check-large-delivery = large delivery
check-100-continue = 100-continue
check-chunks = chunks
check-unknown-message = unknown message
check-message = message
check-copy = copy
check-conversation = conversation
check-kind = kind

# Without a response
dns = cannot resolve { $host }: { $cause }
dns-advice = check the spelling. WeCom uses the public DNS, so the name must resolve outside of your network too
no-address = the name has no address
connection-refused = connection refused: nothing listens on { $address }
connection-refused-advice = start the application, or correct the port. In a container it must listen on 0.0.0.0
no-connection = cannot connect to { $address }: { $cause }
no-connection-advice = a firewall or a security group may drop the packets: open the port for WeCom
no-response = no response within { $seconds } s
cause = { $cause }
tls = TLS with { $host } failed: { $why }
tls-advice = use TLS 1.2 or 1.3 with a certificate for this host
tls-not-spoken = TLS with { $host } failed: it does not speak TLS
tls-not-spoken-advice = the port speaks plain HTTP: use http:// here, or put TLS in front of it
tls-untrusted = TLS with { $host } failed: its certificate is not trusted: { $why }
tls-untrusted-advice = WeCom accepts only certificates of public authorities, with the whole chain. To test with a certificate of your own, set SSL_CERT_FILE here
no-roots = this machine has no root certificates, which https needs
no-roots-advice = install the package ca-certificates, or set SSL_CERT_FILE
silent = no complete response within { $seconds } s
silent-advice = WeCom waits 1 s for a URL check and 5 s for a delivery: answer first, work afterwards
broken = the connection broke: { $cause }
broken-advice = if the application failed, its log shows the cause. On an https port, use https://
answer-too-long = the response is longer than { $limit } bytes
answer-too-long-advice = answer a callback with nothing or with a few KiB
get-without-response = a GET without parameters has no response: { $error }

# Connection and clock
reached = the server answers, in { $millis } ms ({ $status })
clock-of-date = the receiver's Date header
clock-of-receiver = the receiver's clock
clock-of-receiver-advice = the receiver accepts a URL check with the time of its own clock, but not with the time of this machine's clock: set the wrong one by NTP (`timedatectl set-ntp true`)
date-behind = the clock is { $seconds } s off: the receiver's Date header is behind this machine's clock
date-ahead = the clock is { $seconds } s off: the receiver's Date header is ahead of this machine's clock

# URL checks
not-decoded = the query is not percent-decoded: the URL check passes with / and =, and fails with %2F and %3D
not-decoded-advice = decode each value of the query once, or let the framework do it. A proxy may encode them again
unsteady = the URL check passed before and fails now
unsteady-advice = there is a rate limit, or one of several instances has other credentials
plus = %2B and + both stay a plus sign
plus-became-space = a plus sign became a space: the URL check passes without a plus sign and fails with one (%2B)
plus-became-space-advice = a proxy or the application decodes the URL as a form: let the proxy pass it unchanged (nginx: `proxy_pass` without a rewritten query), and percent-decode it once
raw-plus = a + that is not percent-encoded is read as a space
raw-plus-advice = WeCom sends %2B, but a proxy may decode it: read + as a plus sign
forgery-rejected = a wrong signature is rejected
not-verified = a URL check with a wrong signature is accepted: signatures are not verified
not-verified-advice = compare msg_signature first: without that anyone can send callbacks
a-url-check = a URL check
a-delivery = a delivery
padding = { $what } with 1 to 16 bytes of padding passes, and one with 17 to 32 bytes is rejected
padding-advice = the receiver removes a PKCS#7 padding of 16 bytes, but WeCom pads to 32: decrypt without automatic padding, take the last byte as the count, and accept 1 to 32
paddings-removed = paddings of 1, 16, 17 and 32 bytes are removed
without-flavour-advice = If the URL belongs to an app, leave out `--flavour bot`
two-sentences = { $first }. { $second }

# Other profiles
receiver-has-both = wrong Token and wrong AES key: the receiver has the Token of { $token } and the key of { $key }{ $also }
receiver-has-both-advice = give the receiver the credentials of this URL's page in the console, or use that profile here
receiver-has-token = right AES key, wrong Token: the receiver has the Token of { $token }{ $also }
receiver-has-token-advice = give the receiver the Token of this URL's page in the console
receiver-has-key = right Token, wrong AES key: the receiver has the key of { $key }{ $also }
receiver-has-key-advice = give the receiver the EncodingAESKey of this URL's page in the console
also-expects = , and it expects the receive id { $id }
receiver-expects-id = right Token, right key, but the receiver expects the receive id { $id }. You send for { $given }
receiver-expects-id-advice = one of the two is wrong: it is the corp id for an app of your own, the provider's corp id for URL checks of suites, and empty for AI bots
receiver-expects-empty-id-advice = the empty id is that of an AI bot: if the URL belongs to a bot, use `--flavour bot` here. Otherwise give the receiver the id of the URL: the corp id for an app of your own, the provider's corp id for URL checks of suites
id-is-empty = (empty)
this-id = { $id }

# Deliveries
acknowledged = acknowledged
answered = answered with a sealed reply
unknown-kind-taken = an unknown kind is { $how }, in { $millis } ms
delivery-refused-advice = the URL check passes, but not the delivery. A kind that the application does not know must be acknowledged, or WeCom sends it again. Or deliveries have another receive id than URL checks. Or a firewall rejects a POST of XML
delivery-not-found-advice = the URL check passes at this path, so the method is the cause: route POST to the application too
delivery-server-error-advice = the URL check passes, but the application fails for a delivery of an unknown kind: acknowledge kinds that it does not know. Its log shows the cause
other-flavour = { $status }: the receiver rejects the callbacks of { $given }, and accepts those of { $other }
other-flavour-advice = if the URL belongs to { $other }, use `--flavour { $flavour }` here. Otherwise the receiver must read the form of { $given }
flavour-bot = an AI bot (JSON)
flavour-group-bot = a robot of a group (XML)
flavour-third-party = a suite (XML)
flavour-self-built = an app (XML)
unknown-message-taken = an unknown kind of message is { $how }
unknown-message-fails = a message of an unknown kind fails: { $message }
unknown-message-advice = WeCom adds kinds without notice: acknowledge a kind that the application does not know, with status 200 and an empty body, or WeCom sends it again
forged-answered = a delivery with a wrong signature gets { $status }
forged-answered-advice = make sure that it was not handled, and answer 403: from outside that cannot be seen
work-takes-time = { $message }: a forged delivery is answered at once, so the work of the application takes the time
work-takes-time-advice = WeCom waits 5 s, then it sends the callback again: answer first, work afterwards
body-eaten = { $error }: a forged delivery is not answered either, but a POST without a body is. The receiver waits for a body that was read already
body-does-not-arrive = { $status }: the receiver waits for a body that does not arrive
body-eaten-advice = a body parser or a proxy in the application reads the body before the receiver does: exempt this path from it, or hand the raw bytes on
fails-like-forged = { $status }: a delivery fails, and a forged one fails in the same way
fails-like-forged-advice = the URL check passes. So perhaps the receiver gets no body, or another one: let no proxy or body parser remove or change it. Or the application fails for each delivery, or for a kind that it does not know. Its log shows the cause

# Firewalls and transfer
ciphertexts-arrive = { $count } different ciphertexts arrive
ciphertexts-rejected = { $count } of { $of } deliveries of the same kind are rejected ({ $status }): their ciphertexts differ and nothing else
ciphertexts-rejected-by = { $count } of { $of } deliveries of the same kind are rejected by { $firewall } ({ $status }): their ciphertexts differ and nothing else
large-arrives = a body of { $size } KiB arrives
large-broken = a body of { $size } KiB does not arrive, but a short one does: { $error }
large-refused = { $message }. A short body passes, and one of { $size } KiB does not
expect-arrives = a delivery with `Expect: 100-continue` arrives
expect-fails = a delivery with `Expect: 100-continue` fails: { $outcome }
expect-advice = a proxy on the way may add this header to long bodies, and express-http-proxy and @fastify/http-proxy answer it with 500: remove the header before them
chunks-arrive = a delivery in chunks arrives
chunks-fail = a delivery in chunks, without Content-Length, fails: { $outcome }
chunks-advice = some proxies send chunks, and WSGI servers read nothing of them: let the proxy buffer the request (nginx: `proxy_request_buffering on`)
only-status = { $status }

# Messages and conversations
message-taken = a text message is { $how }, in { $millis } ms
kind-taken = { $how }, in { $millis } ms
of-kind = { $kind }: { $message }
handled-twice = a copy of a message gets another reply: the application may have handled it as a new one
handled-twice-advice = WeCom sends a callback up to four times: compare MsgId, or FromUserName and CreateTime of an event, and answer a copy like the first one (tower-wecom: `DedupLayer`)
no-answer = a text to the bot is answered with a bare acknowledgement: an answer that comes later cannot be shown in its place
no-answer-advice = answer at once with a stream, `{ $stream }`, and complete it when WeCom asks for it (document 101031). Or send the answer to the message's `response_url`
stream-ends = the bot's stream ends after { $refreshes } refreshes
stream-other-id = a refresh of the stream { $asked } is answered with the stream { $given }
stream-other-id-advice = answer a refresh with the id that WeCom asks for
stream-without-id = the bot's stream has no id
stream-without-id-advice = choose an id: WeCom asks for the rest with it
stream-stopped = a refresh stops the bot's stream before it is finished: { $why }
stream-stopped-advice = answer each refresh (`msgtype` `stream`) with the stream of this id and all of its content so far
stream-without-reply = an acknowledgement without a reply
stream-other-reply = another reply: { $reply }
stream-unfinished = the bot's stream is not finished after { $seconds } s
stream-unfinished-advice = the last refresh must have `"finish": true`: WeCom asks for 6 minutes, then it ends the stream as it is
nothing-to-examine = nothing to examine: use --to or --request
