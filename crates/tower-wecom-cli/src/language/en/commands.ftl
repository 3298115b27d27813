# The lines of the other commands, and errors.

# How findings are printed
level-ok = ok
level-note = note
level-warning = warn
level-failure = FAIL
checked = { $check }: { $message }
do = do:{ " " }
note = note:{ " " }
error = error:{ " " }
list-separator = { ", " }
two-lines = { $first }{ "\u000A" }       { $second }

# Files, ports and threads
cannot-read = cannot read { $file }: { $error }
file-too-long = cannot read { $file }: it is longer than { $limit } MiB
of-file = { $file }: { $error }
cannot-create = cannot create { $file }: { $error }
cannot-write = cannot write to stdout: { $error }
cannot-listen = cannot listen on { $address }: { $error }
no-signals = cannot wait for signals: { $error }
no-threads = cannot start threads: { $error }
no-random = no random bytes: { $error }
cannot-make-request = { $error }
no-request = no request found. Accepted are a raw HTTP request, the output of `curl -v`, a curl command, the line of a log, or any text with msg_signature, timestamp and nonce, and with echostr or the body

# explain
still-encrypted = it is still encrypted: `wecom open` decrypts a captured request, which is the URL with its parameters and the body
unreadable-payload = { $error }
no-type = it has no type of a callback, such as MsgType, InfoType or msgtype

# samples and trigger
samples =
    { $count ->
        [one] { $count } sample
       *[other] { $count } samples
    }
no-sample = there is no sample { $name }: `wecom samples` lists all of them
no-sample-perhaps = there is no sample { $name }: did you mean { $near }? `wecom samples` lists all of them
several-kinds = several kinds have the name { $name }: { $kinds }
never-sent = WeCom never sends { $kind } to a { $flavour } receiver
no-element = the payload has no element `{ $path }`
no-element-perhaps = the payload has no element `{ $path }`: perhaps `{ $near }`
set-makes-element = --set makes a new element: { $missing }
wrong-path = { $option }: { $missing }
acknowledged-without-reply = acknowledged, without a reply
the-reply = the reply:
reply-kind = WeCom takes no { $reply } in answer to { $kind }: nothing is shown
reply-kind-unknown = WeCom takes no such reply in answer to { $kind }: nothing is shown
reply-kind-advice = it takes { $kinds }
no-reply-advice = acknowledge it with an empty body, and send a message through WeCom's API
load-sent = { $sent } sent in { $seconds } s: { $ok } ok, { $failed } failed
load-times = p50 { $p50 } ms, p99 { $p99 } ms, max { $max } ms, { $rate } per second
worker-failed = a worker failed: { $error }

# record and replay
forwarding = listening on { $url }, forwarding to { $forward }
forward-to-itself = --forward has the address of --listen: each request would come back forever
reached-by-others = other machines can reach this address, and everything they send is written to the disk
waiting-for-responses = waiting for the application's response to { $count } requests. Press Ctrl-C again to stop now
exchanges-not-shown = { $count } exchanges are not shown here, because the output was not read in time
not-written = { $name } was not written: { $error }
not-opened = not opened
replayed = { $sent } sent, { $failed } failed, { $skipped } skipped
without-response = no response
cannot-read-folder = cannot read { $folder }: { $error }
not-an-exchange = skipped a file that is not an exchange: { $error }
not-in-folder = { $name } is not in the folder
is-a-link = { $name } is a link, and a link may lead out of the folder
not-a-file = { $name }: is not a file

# aibot
listening = listening on { $url }
sent = sent
subscribed = subscribed: { $bot }
unreadable = unreadable
connection-ended = the connection has ended
certificate-invalid = the certificate or its key: { $error }
unknown-order = unknown: see `wecom aibot serve --help`
not-of-bot = { $kind } is no callback of an AI bot
not-an-assignment = not PATH=TEXT: { $word }
not-a-number = not a number: { $word }
no-code = a code is missing

# conform
conformed = { $passed } passed, { $failed } failed
no-vector = { $file } has no vector
