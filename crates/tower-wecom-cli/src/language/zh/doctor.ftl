# `doctor --to` 的各项检查。

# The names of the probes
check-credentials = 凭据
check-connection = 连接
check-clock = 时钟
check-url-check = URL 验证
check-plus-sign = 加号
check-forged-url-check = 伪造的 URL 验证
check-delivery = 回调投递
check-forged-delivery = 伪造的回调
check-padding = 填充
check-ciphertexts = 密文
check-large-delivery = 大请求体
check-100-continue = 100-continue
check-chunks = 分块传输
check-unknown-message = 未知消息
check-message = 消息
check-copy = 重复投递
check-conversation = 会话
check-kind = 回调类型

# Without a response
dns = 无法解析域名 { $host }：{ $cause }
dns-advice = 检查拼写。企业微信使用公网 DNS，所以域名在你的内网之外也要能解析
no-address = 域名没有对应的地址
connection-refused = 连接被拒绝：{ $address } 上没有程序在监听
connection-refused-advice = 启动业务程序，或者改正端口。在容器里要监听 0.0.0.0
no-connection = 连不上 { $address }：{ $cause }
no-connection-advice = 可能是防火墙或安全组丢弃了数据包：请对企业微信开放端口
no-response = { $seconds } 秒内没有响应
cause = { $cause }
tls = 与 { $host } 的 TLS 握手失败：{ $why }
tls-advice = 使用 TLS 1.2 或 1.3，证书要与这个域名一致
tls-not-spoken = 与 { $host } 的 TLS 握手失败：对方用的不是 TLS
tls-not-spoken-advice = 这个端口是明文 HTTP：在这里改用 http://，或者在它前面加上 TLS
tls-untrusted = 与 { $host } 的 TLS 握手失败：证书不受信任：{ $why }
tls-untrusted-advice = 企业微信只接受公共 CA 签发的证书，并且要带完整的证书链。用自签证书测试时，请在这里设置 SSL_CERT_FILE
no-roots = 本机没有根证书，而 https 需要它
no-roots-advice = 安装软件包 ca-certificates，或者设置 SSL_CERT_FILE
silent = { $seconds } 秒内没有完整的响应
silent-advice = URL 验证企业微信只等 1 秒，回调投递只等 5 秒：先应答，再处理业务
broken = 连接中断：{ $cause }
broken-advice = 如果是业务程序出错，原因看它的日志。如果是 https 端口，请用 https://
answer-too-long = 响应超过了 { $limit } 字节
answer-too-long-advice = 回调的应答应当为空，或者只有几 KiB
get-without-response = 不带参数的 GET 没有响应：{ $error }

# Connection and clock
reached = 服务器有应答，用时 { $millis } 毫秒（{ $status }）
clock-of-date = 接收端的 Date 响应头
clock-of-receiver = 接收端的时钟
clock-of-receiver-advice = URL 验证用接收端时钟的时间就能通过，用本机时钟的时间就通不过：请用 NTP 校准走得不准的那一个（`timedatectl set-ntp true`）
date-behind = 时钟差了 { $seconds } 秒：接收端的 Date 响应头比本机的时钟慢
date-ahead = 时钟差了 { $seconds } 秒：接收端的 Date 响应头比本机的时钟快

# URL checks
not-decoded = 查询串没有做百分号解码：URL 验证带 / 和 = 时通过，带 %2F 和 %3D 时通不过
not-decoded-advice = 对查询串的每个值解码一次，或者交给框架去做。也可能是代理又编码了一次
unsteady = URL 验证先通过，后来又通不过
unsteady-advice = 可能有限流，也可能多个实例中有一个的凭据不同
plus = %2B 和 + 都读作加号
plus-became-space = 加号变成了空格：URL 验证不含加号时通过，含加号（%2B）时通不过
plus-became-space-advice = 代理或业务程序按表单解码了 URL：让代理原样转发（nginx：`proxy_pass` 不要改写查询串），并且只做一次百分号解码
raw-plus = 没有做百分号编码的 + 被读成了空格
raw-plus-advice = 企业微信发送的是 %2B，但代理可能会解码：请把 + 读作加号
forgery-rejected = 签名不对的请求被拒绝
not-verified = 签名不对的 URL 验证也通过了：没有校验签名
not-verified-advice = 首先要校验 msg_signature：不校验的话，谁都可以发送回调
a-url-check = URL 验证
a-delivery = 回调投递
padding = { $what }的填充为 1 到 16 字节时通过，17 到 32 字节时被拒绝
padding-advice = 接收端按 16 字节去除 PKCS#7 填充，而企业微信填充到 32 字节：解密时关闭自动填充，以最后一个字节作为填充长度，接受 1 到 32
paddings-removed = 1、16、17、32 字节的填充都能去除
without-flavour-advice = 如果这个 URL 属于应用，请去掉 `--flavour bot`
two-sentences = { $first }。{ $second }

# Other profiles
receiver-has-both = Token 和 EncodingAESKey 都不对：接收端用的是{ $token }的 Token 和{ $key }的 EncodingAESKey{ $also }
receiver-has-both-advice = 把管理后台里该 URL 配置页上的凭据配置到接收端，或者在这里改用对应的 profile
receiver-has-token = EncodingAESKey 正确，Token 不对：接收端用的是{ $token }的 Token{ $also }
receiver-has-token-advice = 把管理后台里该 URL 配置页上的 Token 配置到接收端
receiver-has-key = Token 正确，EncodingAESKey 不对：接收端用的是{ $key }的 EncodingAESKey{ $also }
receiver-has-key-advice = 把管理后台里该 URL 配置页上的 EncodingAESKey 配置到接收端
also-expects = ，并且它要求的 ReceiveId 是{ $id }
receiver-expects-id = Token 和 EncodingAESKey 都正确，但接收端要求的 ReceiveId 是{ $id }，而这里发送的是{ $given }
receiver-expects-id-advice = 两者必有一个不对：自建应用是企业ID，第三方应用的 URL 验证是服务商的企业ID，智能机器人为空
receiver-expects-empty-id-advice = ReceiveId 为空的是智能机器人：如果这个 URL 属于智能机器人，请在这里加上 `--flavour bot`。否则把该 URL 的 ReceiveId 配置到接收端：自建应用是企业ID，第三方应用的 URL 验证是服务商的企业ID
id-is-empty = （空）
this-id = { " " }{ $id }

# Deliveries
acknowledged = 已确认
answered = 得到了加密的被动回复
unknown-kind-taken = 未知类型的回调{ $how }，用时 { $millis } 毫秒
delivery-refused-advice = URL 验证通过，回调投递却通不过。可能是业务程序拒绝了它不认识的类型：未知类型也要应答 200，否则企业微信会重新投递。也可能是回调投递的 ReceiveId 与 URL 验证的不同，或者防火墙拒绝了 XML 的 POST
delivery-not-found-advice = URL 验证在这个路径上能通过，所以问题在请求方法：POST 也要路由到业务程序
delivery-server-error-advice = URL 验证通过，但业务程序处理未知类型的回调时出错：不认识的类型也要应答 200。原因看它的日志
other-flavour = { $status }：接收端拒绝{ $given }的回调，却接受{ $other }的回调
other-flavour-advice = 如果这个 URL 属于{ $other }，请在这里加上 `--flavour { $flavour }`。否则接收端要能读取{ $given }的格式
flavour-bot = 智能机器人（JSON）
flavour-group-bot = 群机器人（XML）
flavour-third-party = 第三方应用（XML）
flavour-self-built = 自建应用（XML）
unknown-message-taken = 未知类型的消息{ $how }
unknown-message-fails = 未知类型的消息通不过：{ $message }
unknown-message-advice = 企业微信会不经通知就增加新的类型：遇到不认识的类型也要应答 200 和空的响应体，否则企业微信会重新投递
forged-answered = 签名不对的回调得到了 { $status }
forged-answered-advice = 请确认它没有被处理，并改为应答 403：从外面看不出它是否被处理了
work-takes-time = { $message }：伪造的回调马上就有应答，所以时间花在业务处理上
work-takes-time-advice = 企业微信只等 5 秒，超时就会重新投递：先应答，再处理业务
body-eaten = { $error }：伪造的回调也没有应答，没有请求体的 POST 却有应答。接收端在等待已经被读走的请求体
body-does-not-arrive = { $status }：接收端在等待请求体，但一直没有等到
body-eaten-advice = 业务程序里的 body parser 或代理抢先读走了请求体：让它跳过这个路径，或者把原始字节传下去
fails-like-forged = { $status }：真实的回调和伪造的回调以同样的方式失败
fails-like-forged-advice = URL 验证能通过，所以可能是接收端没有收到请求体，或者收到的不是原来的：不要让代理或 body parser 移除或改动它。也可能是业务程序处理每个回调都出错，或者遇到不认识的类型就出错。原因看它的日志

# Firewalls and transfer
ciphertexts-arrive = { $count } 段不同的密文都能送达
ciphertexts-rejected = { $of } 个同类型的回调中有 { $count } 个被拒绝（{ $status }）：它们只有密文不同
ciphertexts-rejected-by = { $of } 个同类型的回调中有 { $count } 个被 { $firewall } 拒绝（{ $status }）：它们只有密文不同
large-arrives = { $size } KiB 的请求体能送达
large-broken = { $size } KiB 的请求体送不到，短的却能送到：{ $error }
large-refused = { $message }。短的请求体能通过，{ $size } KiB 的通不过
expect-arrives = 带 `Expect: 100-continue` 的回调能送达
expect-fails = 带 `Expect: 100-continue` 的回调失败：{ $outcome }
expect-advice = 途中的代理可能会给较长的请求体加上这个请求头，而 express-http-proxy 和 @fastify/http-proxy 会应答 500：请在它们之前去掉这个请求头
chunks-arrive = 分块传输的回调能送达
chunks-fail = 分块传输、不带 Content-Length 的回调失败：{ $outcome }
chunks-advice = 有些代理会分块传输，而 WSGI 服务器读不到分块的内容：让代理先缓冲请求（nginx：`proxy_request_buffering on`）
only-status = { $status }

# Messages and conversations
message-taken = 文本消息{ $how }，用时 { $millis } 毫秒
kind-taken = { $how }，用时 { $millis } 毫秒
of-kind = { $kind }：{ $message }
handled-twice = 重复投递的消息得到了不同的被动回复：业务程序可能把它当作新消息又处理了一遍
handled-twice-advice = 同一个回调企业微信最多投递四次：按 MsgId 去重，事件按 FromUserName 和 CreateTime 去重，对重复的投递给出与第一次相同的应答（tower-wecom：`DedupLayer`）
no-answer = 智能机器人收到文本消息后只应答了空内容：之后的回答无法显示在原来的位置
no-answer-advice = 马上应答一个流式消息 `{ $stream }`，等企业微信来刷新时再补全（文档 101031）。也可以把回答发到消息的 `response_url`
stream-ends = 智能机器人的流式消息在 { $refreshes } 次刷新后结束
stream-other-id = 刷新的是流式消息 { $asked }，应答的却是 { $given }
stream-other-id-advice = 应答刷新时要用企业微信给出的 id
stream-without-id = 智能机器人的流式消息没有 id
stream-without-id-advice = 请设一个 id：企业微信靠它来取后续内容
stream-stopped = 流式消息还没结束，就在一次刷新时中断了：{ $why }
stream-stopped-advice = 每次刷新（`msgtype` 为 `stream`）都要应答这个 id 的流式消息，内容是到目前为止的全部
stream-without-reply = 只有空的应答，没有被动回复
stream-other-reply = 应答了别的内容：{ $reply }
stream-unfinished = 智能机器人的流式消息过了 { $seconds } 秒还没有结束
stream-unfinished-advice = 最后一次刷新要带 `"finish": true`：企业微信刷新 6 分钟，之后就按当时的内容结束
nothing-to-examine = 没有要检查的内容：请用 --to 或 --request
