/** The page's data as text that takes little room: JSON, deflated, in base64. Every browser can undo it by itself. */
import { deflateRawSync } from 'node:zlib';
import type { ReportData } from './data.js';

/** Higher levels take twice the time for a twentieth of the size. */
const LEVEL = 5;

/** Base64 of the raw deflate stream of the data's JSON. */
export function pack(data: ReportData): string {
  return deflateRawSync(JSON.stringify(data), { level: LEVEL, memLevel: 9 }).toString('base64');
}
