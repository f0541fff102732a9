/**
 * Who is who in the shop. A peer's host is its service name, as Docker's DNS resolves it; where there is
 * no such DNS, the environment gives an address (`AUTH_HOST=10.77.0.11`).
 */

/** The one port each service listens on. */
export const PORTS = {
  gateway: 8080,
  auth: 8081,
  orders: 8082,
  inventory: 8083,
  redis: 6379,
  postgres: 5432,
};

/** Where `service` is reached. */
export function hostOf(service) {
  return process.env[`${service.toUpperCase()}_HOST`] ?? service;
}

/** The service that listens on `port`, or `unknown`. */
export function serviceAt(port) {
  return Object.keys(PORTS).find((name) => PORTS[name] === port) ?? 'unknown';
}

/** How many connections a pool of one service to another may hold. */
export const POOL_SIZE = 12;
