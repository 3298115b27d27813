# 其他命令的输出，以及错误。

# How findings are printed
level-ok = 通过
level-note = 提示
level-warning = 警告
level-failure = 失败
checked = { $check }：{ $message }
do = 解决办法：
note = 提示：
error = 错误：
list-separator = { "、" }
two-lines = { $first }{ "\u000A" }      { $second }

# Files, ports and threads
cannot-read = 无法读取 { $file }：{ $error }
file-too-long = 无法读取 { $file }：它超过了 { $limit } MiB
of-file = { $file }：{ $error }
cannot-create = 无法创建 { $file }：{ $error }
cannot-write = 无法写入标准输出：{ $error }
cannot-listen = 无法监听 { $address }：{ $error }
no-signals = 无法等待信号：{ $error }
no-threads = 无法启动线程：{ $error }
no-random = 取不到随机数：{ $error }
cannot-make-request = 无法生成请求：{ $error }
no-request = 没有找到请求。可以是原始的 HTTP 请求、`curl -v` 的输出、curl 命令、一行日志，或者任何含有 msg_signature、timestamp、nonce，并且含有 echostr 或请求体的文本

# explain
still-encrypted = 它还是加密的：`wecom open` 可以解密截获的请求，也就是带参数的 URL 和请求体
unreadable-payload = 无法解析：{ $error }
no-type = 它没有回调的类型，例如 MsgType、InfoType 或 msgtype

# samples and trigger
samples = 共 { $count } 个样例
no-sample = 没有样例 { $name }：`wecom samples` 列出全部样例
no-sample-perhaps = 没有样例 { $name }：你要找的是不是 { $near }？`wecom samples` 列出全部样例
several-kinds = 有多种回调都叫“{ $name }”：{ $kinds }
never-sent = 企业微信不会向 { $flavour } 接收端发送 { $kind }
no-element = 样例里没有元素 `{ $path }`
no-element-perhaps = 样例里没有元素 `{ $path }`：是不是 `{ $near }`
set-makes-element = --set 会新增一个元素：{ $missing }
wrong-path = { $option }：{ $missing }
acknowledged-without-reply = 已确认，没有被动回复
the-reply = 被动回复：
reply-kind = 企业微信不接受用 { $reply } 回复 { $kind }：不会显示任何内容
reply-kind-unknown = 企业微信不接受用这样的内容回复 { $kind }：不会显示任何内容
reply-kind-advice = 可以用 { $kinds }
no-reply-advice = 应答空的响应体，再通过企业微信的 API 发送消息
load-sent = { $seconds } 秒内发送了 { $sent } 个：{ $ok } 个成功，{ $failed } 个失败
load-times = p50 { $p50 } 毫秒，p99 { $p99 } 毫秒，最长 { $max } 毫秒，每秒 { $rate } 个
worker-failed = 发送线程出错：{ $error }

# record and replay
forwarding = 正在监听 { $url }，转发到 { $forward }
forward-to-itself = --forward 与 --listen 是同一个地址：请求会无休止地转回来
reached-by-others = 其他机器也能访问这个地址，它们发来的一切都会写入磁盘
waiting-for-responses = 还有 { $count } 个请求在等业务程序的响应。再按一次 Ctrl-C 立即停止
exchanges-not-shown = 有 { $count } 个请求没有在这里显示，因为输出没有被及时读取
not-written = { $name } 没有写入：{ $error }
not-opened = 未能解开
replayed = 发送 { $sent } 个，失败 { $failed } 个，跳过 { $skipped } 个
without-response = 没有响应
cannot-read-folder = 无法读取 { $folder }：{ $error }
not-an-exchange = 跳过了一个不是录制结果的文件：{ $error }
not-in-folder = { $name } 不在这个文件夹里
is-a-link = { $name } 是链接，链接可能会指向文件夹之外
not-a-file = { $name }：不是文件

# aibot
listening = 正在监听 { $url }
sent = 已发送
subscribed = 已订阅：{ $bot }
unreadable = 无法解析
connection-ended = 连接已结束
certificate-invalid = 证书或私钥无效：{ $error }
unknown-order = 不认识的命令：见 `wecom aibot serve --help`
not-of-bot = { $kind } 不是智能机器人的回调
not-an-assignment = 不是 PATH=TEXT 的形式：{ $word }
not-a-number = 不是数字：{ $word }
no-code = 缺少错误码

# conform
conformed = 通过 { $passed } 个，失败 { $failed } 个
no-vector = { $file } 里没有测试向量
