/** Numbers and names in sentences. */
import type { Edge } from './model.js';

/** `1 event`, `2 events`; `many` where adding an s is not enough. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}

/** `12,345`: the same in every locale. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `4.2 %`; never 0 % or 100 % for what is not. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return 'less than 0.1 %';
  if (share < 1 && share > 0.999) return 'more than 99.9 %';
  return `${Number((share * 100).toFixed(1))} %`;
}

/** Seconds since the capture's start: `12 s`, `12.4 s`, whatever the step can tell. */
export function seconds(ns: number): string {
  return `${Number((ns / 1e9).toFixed(ns % 1e9 === 0 ? 0 : 1))} s`;
}

/** `gateway → auth:8081`. */
export function edgeName({
  client,
  server,
  port,
}: Pick<Edge, 'client' | 'server' | 'port'>): string {
  return `${client} → ${server}:${port}`;
}
