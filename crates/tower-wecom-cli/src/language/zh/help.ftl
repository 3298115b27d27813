# The Chinese of `--help`: a message for each command, with an attribute for each of its arguments.
# `long` is what `--help` adds to `-h`, and `after` is what comes at the end.

wecom = 扮演企业微信向回调 URL 发送请求，并查出它不通的原因
    .after =
        退出码：
          0  成功
          1  检查没有通过：回调被拒绝、响应不对、测试向量不通过，或者文件不是回调
          2  命令行或配置无效
          3  服务器或文件无法访问

        示例：
          cargo run --example axum &
          wecom trigger change_contact/create_user --to http://127.0.0.1:3000/wecom --set UserID=lin

# What several commands have.
shared = 多个命令共有的参数
    .help = 显示帮助
    .version = 显示版本
    .json = 输出 JSON：一个值，或者每行一个值
    .lang = 消息和帮助的语言，默认取自 LC_ALL、LC_MESSAGES 或 LANG。JSON 固定为英文
    .to = 回调 URL
    .timeout = 等待响应的秒数
    .token = 管理后台里该 URL 配置页上的 Token。`ps` 能看到命令行参数，最好用环境变量或配置文件提供
    .encoding_aes_key = 同一个配置页上的 EncodingAESKey，43 个字符
    .receive_id = 回调的 ReceiveId：一般是企业ID，智能机器人为空，`*` 表示接受任意值
    .url_check_receive_id = URL 验证的 ReceiveId，与回调的不同时才要给出：第三方应用是服务商的企业ID
    .config = 含有 `token`、`encoding_aes_key`、`receive_id` 的 TOML 文件 [默认：./wecom.toml，如果存在]
    .profile = 使用配置文件里的 `[profiles.NAME]`，其中没有的值取自文件开头

help = 显示本帮助，或者某个命令的帮助

samples = 列出 `trigger` 能发送的回调
    .long = 每行依次是类型、接收端的种类、样例名、中文名和英文标题。没有符合的样例时退出码为 1。
    .pattern = 只列出样例名、类型、标题或中文名含有这段文字的样例

trigger = 发送一个样例回调（已签名、已加密），并显示被动回复
    .long =
        样例带有全部文档字段、你的 ReceiveId 和当前时间。用 --repeat 时，每个回调都重新签名和加密。
        只要有一个响应企业微信不会接受，退出码就是 1。
    .kind = 回调的类型（change_contact/create_user）、样例名，或者中文名（新增成员事件）：见 `wecom samples`
    .set =
        设置元素的文本：`UserID=lin`、`ExtAttr/Item[1]/Name=Desk`。样例里没有的元素会在标准错误输出中提示
    .unset = 去掉一个元素
    .flavour =
        接收端的种类：self-built（自建应用）、third-party（第三方应用）、
        bot（智能机器人）或 group-bot（群机器人）
    .repeat = 发送多少次
    .concurrency = 同时发送多少个，各用一个连接
    .distinct = 在这个元素里放入不同的数字，使每个回调都不相同

verify-url = 发送管理后台的 URL 验证，按企业微信的规则判断响应
    .long =
        响应必须在一秒之内返回，状态码是 200，内容是解密后的明文，不带引号、BOM 和换行。不跟随重定向。
        密文里含有加号，因为加号是最常见的失败原因。
        管理后台提示“openapi回调地址请求不通过”时，可以用它重现，再用 `wecom doctor` 查出原因。

doctor = 查出回调 URL 不通的原因，并说明怎么解决
    .long =
        管理后台保存 URL 时提示“openapi回调地址请求不通过”，或者收不到回调时，用它来检查。
        用 --to 时，它扮演企业微信：发送含加号和不含加号的 URL 验证、签名不对的请求、
        未知类型和多种长度的回调，以及一条文本消息（“wecom doctor”，来自成员 wecom_doctor）和它的重复投递。
        对智能机器人，它会把会话进行到流式消息结束。接收端拒绝时，它还会试配置文件里的其他 profile。
        用 --request 时，它检查截获的企业微信请求：`curl -v` 的输出、原始的 HTTP 请求、curl 命令、
        URL 加下面的请求体，或者任何含有参数的文本，例如一行日志。
        有问题时退出码为 1，服务器无法访问时为 3。
    .to = 要检查的回调 URL
    .request = 要检查的截获的请求，`-` 表示标准输入。不发送任何请求
    .flavour =
        （与 --to 同用）接收端的种类：self-built（自建应用）、
        third-party（第三方应用）、bot（智能机器人）或 group-bot（群机器人）
    .every_kind = （与 --to 同用）每种有文档的回调也各发送一个，并显示接收端的应答
    .no_message = （与 --to 同用）不发送文本消息
    .timeout = （与 --to 同用）等待每个响应的秒数

open = 解密截获的回调
    .long =
        可以读取原始的 HTTP 请求、`curl -v` 的输出、curl 命令、URL 加下面的请求体，
        或者任何含有参数的文本，例如一行日志。请求是什么时候的都可以。
        逐字节输出明文；用 --json 时还输出事件、类型、消息头和来源。
        解不开时，给出与 `wecom doctor` 相同的结论。
    .file = 截获的请求，`-` 表示标准输入

explain = 把解密后的明文（XML 或 JSON）转成强类型的 JSON，每个文件一行
    .long =
        每行有 "file"、"kind"、"known"、"event"、"header"（接收方、发送方、时间、应用、消息 id）
        和 "origin"（应用，或者第三方应用及其企业）。"misfits" 列出与类型不符的元素的路径。
        不是回调或者还没有解密的文件，它的那一行有 "error"，退出码为 1。
        有文件无法读取时退出码为 3。两种情况下其他文件都照常输出。
    .files = 每个文件一份明文，`-` 表示标准输入

seal = 加密并签名一份明文：生成企业微信会发送的请求
    .long = 输出 curl 命令、原始的 HTTP 请求或 JSON，不发送任何请求。时间戳是当前时间。
    .file = 明文，XML 或 JSON，`-` 表示标准输入
    .echo = 生成一个 URL 验证，要求返回这段文本
    .form =
        输出的格式：curl 是 shell 命令，http 是原始的 HTTP 请求，
        json 是含有 method、url、headers 和 body 的对象，与 --json 相同
    .envelope = 外层数据包的格式 [默认：与明文相同]

conform = 用 tower-wecom 运行测试向量
    .long =
        文件每行一个 JSON 对象：id、kind（url_verify、decrypt_xml、decrypt_json、encrypt_known_random、
        signature_only 或 negative）、token、encoding_aes_key、receive_id、请求和期望的结果。
        每个不通过的向量输出一行，最后一行是两种的数目，其中不通过的原因是英文。
        解密后像截获的消息的 echostr，tower-wecom 会解密但不会返回，这里算作已解密。
        没有测试向量的文件算不通过。
    .file = 测试向量，`-` 表示标准输入

keygen = 生成管理后台接受的 Token 和 EncodingAESKey
    .long =
        两者都由字母和数字组成，取自操作系统的随机数。严格的 base64 解码器也能读取这个 EncodingAESKey。
        它们都是密钥：请写入只有你能读取的文件。
    .env = 输出 `WECOM_TOKEN=…` 和 `WECOM_ENCODING_AES_KEY=…`，而不是 TOML

record = 录制企业微信与业务程序之间的往来
    .long =
        原样转发每个请求，再原样返回响应。请求、解密后的明文和响应都写入只有所有者能读取的文件。
        业务程序连不上时，企业微信会得到 502 并重新投递，请求也会录下来。
        这些文件含有个人信息，用完请删除。
        输出没有被读取时，请求照样转发和录制，并有一行说明有多少个没有显示。
        --forward 带路径时，所有请求都转发到那个路径，否则各用自己的路径。
    .listen = 监听的地址和端口，端口 0 表示任选一个空闲的
    .forward = 业务程序的 URL
    .out = 存放文件的文件夹，不存在时会创建
    .max_body = 能接受的最长的请求体，单位是字节
    .timeout = 等待业务程序的秒数
    .count = 录制这么多个请求后停止

replay = 重新发送录制的回调，并重新签名
    .long =
        按到达的顺序逐个发送。跳过 URL 验证、`wecom record` 没能解开的请求，以及其他程序的文件。
        回调的 ReceiveId 取自配置，配置为 `*` 或没有给出时用录制的。
        只要有一个响应企业微信不会接受，退出码就是 1。
        文件夹里有链接算错误，因为链接可能会指向文件夹之外。
    .folder = `wecom record` 写入的文件夹

aibot = 扮演智能机器人长连接的服务器

serve = 接受智能机器人的连接，向它发送样例，并输出它的应答
    .long =
        每一行输入是一个命令：

          trigger KIND [PATH=TEXT ...]  发送一个样例：见 `wecom samples bot`
          raw TEXT                      把这段文本作为一帧发送，扮演有故障的服务器
          ping                          发送 WebSocket 协议的 ping
          late MILLISECONDS             每个应答都推迟这么久
          mute, unmute                  不再应答，恢复应答
          refuse CODE ...               用这些错误码拒绝接下来的订阅
          error CMD CODE ...            用这些错误码应答某个命令接下来的帧
          displace                      像同一机器人的另一个进程那样把它挤下线
          close CODE                    正常关闭连接，不带 CODE 时为 1000
          cut                           切断连接
          quit                          退出
    .listen = 监听的地址和端口，端口 0 表示任选一个空闲的
    .secret = 只接受这个 Secret，默认接受任意值
    .cert = 使用 TLS（wss），这是 PEM 格式的证书链
    .key = 证书的私钥，PEM 格式
    .trigger = 机器人订阅成功后马上发送这个样例，可以重复给出

completions = 输出 shell 的补全脚本
    .shell = 哪种 shell
