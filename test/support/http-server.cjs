// An HTTP server with keep-alive on loopback: `http-server.cjs PORT`. Answers `/N` after N milliseconds and
// `/` at once. Says so in one line once it listens.
const http = require('node:http');

const port = Number(process.argv[2]);
const server = http.createServer((request, response) => {
  const ms = Number(request.url.slice(1));
  if (ms > 0) setTimeout(() => response.end('hello, world'), ms);
  else response.end('hello, world');
});
server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ port })));
