// An HTTP server with keep-alive on loopback: `http-server.cjs PORT`. Says so in one line once it listens.
const http = require('node:http');

const port = Number(process.argv[2]);
const server = http.createServer((request, response) => response.end('hello, world'));
server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ port })));
