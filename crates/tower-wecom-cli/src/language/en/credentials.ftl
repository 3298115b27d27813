# Credentials and where they come from.

no-token = there is no Token: use --token, WECOM_TOKEN or the file
no-key = there is no EncodingAESKey: use --encoding-aes-key, WECOM_ENCODING_AES_KEY or the file
token-empty = the Token is empty: copy it from the console
token-blank = the Token has a blank or control character at position { $position }: remove it
token-quote = the Token has a quote at position { $position }: remove the quotes
token-is-key = the Token has 43 characters, WeCom's has at most 32: is this the EncodingAESKey?
token-too-long = the Token has { $length } characters, WeCom's has at most 32
token-wrong = { $error }
key-blank = EncodingAESKey has a blank, a line break or an invisible character at position { $position }: remove it
key-quote = EncodingAESKey has a quote at position { $position }: remove the quotes
key-character = EncodingAESKey has a character at position { $position } that is none of A-Z, a-z, 0-9, + and /
key-empty = EncodingAESKey is empty: copy it from the console
key-with-equals = EncodingAESKey has 44 characters, WeCom's has 43: remove the = at its end, if there is one
key-is-token = EncodingAESKey has { $length } characters, WeCom's has 43: is this the Token?
key-length = EncodingAESKey has { $length } characters, WeCom's has 43
key-wrong = { $error }
empty-id = the empty id
any-id = any id
no-receive-id = no receive id: use --receive-id or WECOM_RECEIVE_ID. It is usually the corp id, and `""` for an AI bot
no-credentials = no credentials: use --token, --encoding-aes-key and --receive-id, or WECOM_TOKEN, WECOM_ENCODING_AES_KEY and WECOM_RECEIVE_ID, or ./wecom.toml. The credentials of WeCom's documentation are used for loopback addresses only
demo-credentials = no credentials given: using those of WeCom's documentation, like `cargo run --example axum`
owner-profile = profile `{ $name }`
owner-top = the top of the file
owner-documentation = WeCom's documentation
profile-without-file = --profile needs a file: there is no ./{ $file }, and --config is not given
no-profile = there is no [profiles.{ $name }] in the file. It has: { $known }
no-profiles = there is no [profiles.{ $name }] in the file, and no other profile
toml-line = { $file }, line { $line }: { $what }
toml-unknown-field = { $error }
toml-invalid = invalid: write `token = "…"`, with quotes around each value
file-is-public = every user of this machine can read { $file }, which has secrets: `chmod 600 { $file }`
