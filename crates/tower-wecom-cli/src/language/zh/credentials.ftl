# 凭据及其来源。

no-token = 没有 Token：用 --token、WECOM_TOKEN 或配置文件提供
no-key = 没有 EncodingAESKey：用 --encoding-aes-key、WECOM_ENCODING_AES_KEY 或配置文件提供
token-empty = Token 是空的：请到管理后台复制
token-blank = Token 的第 { $position } 位（从 0 数起）是空白或控制字符：请去掉
token-quote = Token 的第 { $position } 位（从 0 数起）是引号：请去掉引号
token-is-key = Token 有 43 个字符，企业微信的 Token 最多 32 个：这是不是 EncodingAESKey？
token-too-long = Token 有 { $length } 个字符，企业微信的 Token 最多 32 个
token-wrong = Token 无效：{ $error }
key-blank = EncodingAESKey 的第 { $position } 位（从 0 数起）是空白、换行或不可见字符：请去掉
key-quote = EncodingAESKey 的第 { $position } 位（从 0 数起）是引号：请去掉引号
key-character = EncodingAESKey 的第 { $position } 位（从 0 数起）不是 A-Z、a-z、0-9、+ 或 /
key-empty = EncodingAESKey 是空的：请到管理后台复制
key-with-equals = EncodingAESKey 有 44 个字符，企业微信的是 43 个：如果末尾有 =，请去掉
key-is-token = EncodingAESKey 有 { $length } 个字符，企业微信的是 43 个：这是不是 Token？
key-length = EncodingAESKey 有 { $length } 个字符，企业微信的是 43 个
key-wrong = EncodingAESKey 无效：{ $error }
empty-id = 空的 ReceiveId
any-id = 任意 ReceiveId
no-receive-id = 没有 ReceiveId：用 --receive-id 或 WECOM_RECEIVE_ID 提供。一般是企业ID，智能机器人是 `""`
no-credentials = 没有凭据：用 --token、--encoding-aes-key 和 --receive-id，或者 WECOM_TOKEN、WECOM_ENCODING_AES_KEY 和 WECOM_RECEIVE_ID，或者 ./wecom.toml 提供。企业微信官方文档中的示例凭据只用于本机回环地址
demo-credentials = 没有给出凭据：使用企业微信官方文档中的示例凭据，与 `cargo run --example axum` 相同
owner-profile = { " " }profile `{ $name }` 里
owner-top = 配置文件开头
owner-documentation = 企业微信官方文档
profile-without-file = --profile 需要配置文件：没有 ./{ $file }，也没有给出 --config
no-profile = 配置文件里没有 [profiles.{ $name }]，只有：{ $known }
no-profiles = 配置文件里没有 [profiles.{ $name }]，也没有别的 profile
toml-line = { $file } 第 { $line } 行：{ $what }
toml-unknown-field = 有不认识的字段：{ $error }
toml-invalid = 格式不对：要写成 `token = "…"`，每个值都加引号
file-is-public = 本机的所有用户都能读取 { $file }，而它含有密钥：请执行 `chmod 600 { $file }`
