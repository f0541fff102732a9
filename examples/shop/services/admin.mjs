/** Steers the service beside it: `node admin.mjs 'slow?ms=200&for=6'`. */
import http from 'node:http';

const request = http.request(
  { socketPath: process.env.ADMIN_SOCKET, method: 'POST', path: `/admin/${process.argv[2] ?? ''}` },
  (response) => {
    response.resume();
    process.exitCode = response.statusCode === 200 ? 0 : 1;
  },
);
request.on('error', (error) => {
  console.error(`admin: ${error.message}`);
  process.exitCode = 1;
});
request.end();
