/** The pool of connections that a service keeps to PostgreSQL. */
import pg from 'pg';
import { hostOf, POOL_SIZE, PORTS } from './config.mjs';

/** `query(sql, values)` resolves to the rows; `close()` closes the pool. */
export function database(service) {
  const pool = new pg.Pool({
    host: hostOf('postgres'),
    port: PORTS.postgres,
    user: 'shop',
    database: 'shop',
    application_name: service,
    max: POOL_SIZE,
    idleTimeoutMillis: 120_000,
  });
  // A connection that breaks while idle is replaced by the pool at its next use.
  pool.on('error', (error) => console.error(`${service}: postgres: ${error.message}`));
  return {
    query: async (sql, values) => (await pool.query(sql, values)).rows,
    close: () => pool.end(),
  };
}
