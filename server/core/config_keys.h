/* The one table of configuration keys. Every row: identifier, name, type, default, least, most, secret, help
 * in English, help in Chinese. The environment variable of a key is LINLI_<NAME>; `linli config --markdown`
 * prints this table, and the README holds what it prints. For texts least and most bound the length in bytes.
 */
#ifndef LINLI_CORE_CONFIG_KEYS_H
#define LINLI_CORE_CONFIG_KEYS_H

/* clang-format off */
#define CONFIG_KEYS(KEY) \
    KEY(PORT, "port", INTEGER, "8080", 1, 65535, false, "TCP port of the site, the API and the documentation", "网站、接口和文档的端口") \
    KEY(BIND, "bind", TEXT, "127.0.0.1", 1, 64, false, "address to listen on; 0.0.0.0 for all", "监听地址；0.0.0.0 表示全部") \
    KEY(ADMIN_PORT, "admin_port", INTEGER, "0", 0, 65535, false, "port of /metrics on the loopback address; 0 = off", "本机 /metrics 端口；0 表示关闭") \
    KEY(PUBLIC_ORIGIN, "public_origin", TEXT, "", 0, 256, false, "origin people type, e.g. https://linli.example.cn; empty = as requested", "对外网址，如 https://linli.example.cn；空表示按请求") \
    KEY(DATABASE_URL, "database_url", TEXT, "host=/var/run/postgresql dbname=linli user=linli_app", 1, 2048, true, "libpq connection text of the serving role (linli_app)", "服务角色 linli_app 的数据库连接") \
    KEY(OWNER_URL, "owner_url", TEXT, "", 0, 2048, true, "libpq connection text of linli_owner; only migrate, seed and user need it", "属主角色 linli_owner 的数据库连接；仅迁移、示例数据和账号命令需要") \
    KEY(KEY_DIR, "key_dir", TEXT, "keys", 1, 1024, false, "folder of the key files (mode 0600)", "密钥文件夹（文件权限 0600）") \
    KEY(STATIC_DIR, "static_dir", TEXT, "client-web/dist", 0, 1024, false, "folder of the built client; empty = no site", "前端构建目录；空表示不提供网站") \
    KEY(MIGRATIONS_DIR, "migrations_dir", TEXT, "migrations", 1, 1024, false, "folder of the migrations", "数据库迁移目录") \
    KEY(CHECKPOINT_DIR, "checkpoint_dir", TEXT, "", 0, 1024, false, "folder that receives the audit chain's checkpoints; empty = log only", "审计链检查点的输出目录；空表示只写日志") \
    KEY(DEMO, "demo", FLAG, "false", 0, 1, false, "demonstration: the bar on every page, and `linli seed` is allowed", "演示环境：页面显示标识，并允许写入示例数据") \
    KEY(LOG_LEVEL, "log_level", TEXT, "info", 1, 16, false, "debug, info, warning or error", "日志级别：debug、info、warning、error") \
    KEY(COOKIE_SECURE, "cookie_secure", FLAG, "false", 0, 1, false, "__Host- cookie with Secure; set it wherever HTTPS is used", "使用 Secure 的 __Host- Cookie；启用 HTTPS 时必须打开") \
    KEY(TRUST_PROXY, "trust_proxy", FLAG, "false", 0, 1, false, "take the client's address from X-Forwarded-For (only behind our nginx)", "从 X-Forwarded-For 取客户端地址（仅在自有 nginx 之后）") \
    KEY(LOOPS, "loops", INTEGER, "0", 0, 4, false, "event loops; 0 = one per core, at most 4", "事件循环数；0 表示每核一个，最多 4 个") \
    KEY(LISTEN_BACKLOG, "listen_backlog", INTEGER, "1024", 1, 65535, false, "connections the kernel may queue", "内核可排队的连接数") \
    KEY(CONNECTION_LIMIT, "connection_limit", INTEGER, "20000", 16, 1000000, false, "open client connections", "客户端连接上限") \
    KEY(CONNECTION_MEMORY, "connection_memory", INTEGER, "10240", 4096, 131072, false, "bytes of header memory of a connection", "每个连接的首部内存（字节）") \
    KEY(HEADER_LIMIT, "header_limit", INTEGER, "8192", 1024, 65536, false, "bytes of all headers of a request (431)", "请求首部总字节上限（431）") \
    KEY(URL_LIMIT, "url_limit", INTEGER, "4096", 256, 32768, false, "bytes of path and query (414)", "路径与查询的字节上限（414）") \
    KEY(BODY_LIMIT, "body_limit", INTEGER, "1048576", 1024, 67108864, false, "bytes of a body, where the operation has no smaller limit (413)", "请求体字节上限（操作另有更小限制时从其规定，413）") \
    KEY(REPLY_LIMIT, "reply_limit", INTEGER, "16777216", 65536, 268435456, false, "bytes of a reply", "应答字节上限") \
    KEY(REQUEST_MEMORY, "request_memory", INTEGER, "8388608", 65536, 268435456, false, "bytes of the arena of a request", "单个请求可用内存（字节）") \
    KEY(JSON_DEPTH, "json_depth", INTEGER, "32", 4, 32, false, "nesting of a JSON body", "JSON 嵌套层数上限") \
    KEY(JSON_NODES, "json_nodes", INTEGER, "20000", 16, 1000000, false, "values in a JSON body", "JSON 值个数上限") \
    KEY(HEADER_SECONDS, "header_seconds", INTEGER, "10", 1, 600, false, "from the first byte to the last header", "首部必须在多少秒内到齐") \
    KEY(BODY_SECONDS, "body_seconds", INTEGER, "30", 1, 600, false, "from the first byte to the end of a JSON body", "JSON 请求体必须在多少秒内到齐") \
    KEY(STREAM_RATE, "stream_rate", INTEGER, "1024", 1, 1000000000, false, "bytes a second that uploads, downloads and exports must reach on average, after body_seconds", "上传、下载和导出在 body_seconds 之后须达到的平均每秒字节数") \
    KEY(STREAM_LIMIT, "stream_limit", INTEGER, "64", 1, 100000, false, "uploads, downloads and exports under way, per loop (503)", "同时进行的上传、下载和导出数（每循环，503）") \
    KEY(REQUEST_SECONDS, "request_seconds", INTEGER, "60", 1, 3600, false, "a request altogether", "单个请求总时限（秒）") \
    KEY(IDLE_SECONDS, "idle_seconds", INTEGER, "75", 1, 3600, false, "a kept connection without a request", "空闲连接保留秒数") \
    KEY(STOP_SECONDS, "stop_seconds", INTEGER, "5", 0, 600, false, "requests in flight may finish after SIGTERM", "停机时等待进行中请求的秒数") \
    KEY(READ_CONNECTIONS, "read_connections", INTEGER, "2", 1, 64, false, "database connections of the read lane, per loop", "读通道数据库连接数（每循环）") \
    KEY(WRITE_CONNECTIONS, "write_connections", INTEGER, "4", 1, 64, false, "database connections of the write lane, per loop", "写通道数据库连接数（每循环）") \
    KEY(SLOW_CONNECTIONS, "slow_connections", INTEGER, "1", 1, 16, false, "database connections of the slow lane, per loop", "慢通道数据库连接数（每循环）") \
    KEY(READ_DEPTH, "read_depth", INTEGER, "32", 1, 1024, false, "calls in flight on one read connection", "单个读连接的在途调用数") \
    KEY(WRITE_DEPTH, "write_depth", INTEGER, "4", 1, 1024, false, "calls in flight on one write connection", "单个写连接的在途调用数") \
    KEY(SLOW_DEPTH, "slow_depth", INTEGER, "1", 1, 64, false, "calls in flight on one slow connection", "单个慢连接的在途调用数") \
    KEY(READ_QUEUE, "read_queue", INTEGER, "2048", 1, 100000, false, "calls waiting for the read lane, per loop (503)", "读通道排队上限（每循环，503）") \
    KEY(WRITE_QUEUE, "write_queue", INTEGER, "1024", 1, 100000, false, "calls waiting for the write lane, per loop (503)", "写通道排队上限（每循环，503）") \
    KEY(SLOW_QUEUE, "slow_queue", INTEGER, "32", 1, 100000, false, "calls waiting for the slow lane, per loop (503)", "慢通道排队上限（每循环，503）") \
    KEY(READ_TIMEOUT_MS, "read_timeout_ms", INTEGER, "5000", 100, 600000, false, "longest statement of the read lane", "读语句最长毫秒数") \
    KEY(WRITE_TIMEOUT_MS, "write_timeout_ms", INTEGER, "10000", 100, 600000, false, "longest statement of the write lane", "写语句最长毫秒数") \
    KEY(SLOW_TIMEOUT_MS, "slow_timeout_ms", INTEGER, "60000", 100, 3600000, false, "longest statement of the slow lane", "慢语句最长毫秒数") \
    KEY(LOCK_TIMEOUT_MS, "lock_timeout_ms", INTEGER, "2000", 10, 600000, false, "longest wait for a row lock", "等待行锁的最长毫秒数") \
    KEY(ACCESS_TOKEN_SECONDS, "access_token_seconds", INTEGER, "600", 10, 3600, false, "life of an access token", "访问令牌有效秒数") \
    KEY(REFRESH_HOURS, "refresh_hours", INTEGER, "336", 1, 8760, false, "life of a login without use", "登录在不使用时保留的小时数") \
    KEY(OWN_DEVICE_DAYS, "own_device_days", INTEGER, "180", 1, 730, false, "life of a login without use on a person's own device", "本人设备上登录不使用时保留的天数") \
    KEY(TOKEN_CACHE, "token_cache", INTEGER, "8192", 16, 1000000, false, "verified tokens remembered, per loop", "缓存的已验证令牌数（每循环）") \
    KEY(PRINCIPAL_CACHE, "principal_cache", INTEGER, "8192", 16, 1000000, false, "principals remembered, per loop", "缓存的登录主体数（每循环）") \
    KEY(LOGIN_PER_MINUTE, "login_per_minute", INTEGER, "10", 1, 100000, false, "logins of one user name a minute (429)", "同一用户名每分钟登录次数（429）") \
    KEY(LOGIN_PER_MINUTE_ADDRESS, "login_per_minute_address", INTEGER, "60", 1, 100000, false, "logins from one address a minute (429)", "同一地址每分钟登录次数（429）") \
    KEY(HASH_QUEUE, "hash_queue", INTEGER, "32", 1, 1024, false, "password checks waiting (503)", "排队的密码校验数（503）") \
    KEY(SEALER_INTERVAL_MS, "sealer_interval_ms", INTEGER, "200", 10, 60000, false, "pause between two batches of the sealer", "审计封存批次间隔毫秒数") \
    KEY(SEALER_BATCH, "sealer_batch", INTEGER, "1000", 1, 100000, false, "rows the sealer numbers at once", "审计封存每批行数") \
    KEY(JOB_WORKERS, "job_workers", INTEGER, "2", 0, 16, false, "threads that carry out jobs; of two or more the first keeps out of bulk work; 0 = none here", "执行任务的线程数；有两个以上时第一个不做批量任务；0 表示本机不执行") \
    KEY(JOB_POLL_MS, "job_poll_ms", INTEGER, "500", 10, 60000, false, "pause between two looks for a job", "两次查看待办任务之间的毫秒数") \
    KEY(JOB_LEASE_SECONDS, "job_lease_seconds", INTEGER, "30", 1, 3600, false, "without a sign of life for so long, a job is another worker's", "任务超过此秒数没有动静即由其他线程接手")
/* clang-format on */

#endif
