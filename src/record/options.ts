/** What a recording is asked for, how it stands, and what it was. */

import type { Keep } from './keep.js';

/** What to record, and until when. */
export interface RecordOptions {
  /** The capture to make. */
  out: string;
  /** Ends the recording after this many milliseconds. */
  durationMs?: number;
  /** Ends the recording when the file has grown to this many bytes. */
  maxBytes?: number;
  /** Keep the newest part only, and make captures of it when asked by SIGUSR1. */
  keep?: Keep;
  /** Size of the kernel's ring buffer in bytes; rounded up to a power of two. */
  ringBytes: number;
  /** Container names with `*`; empty: all. */
  containers: string[];
  /** Services whose containers are recorded, with `*`. */
  services: string[];
  /** Connections with one of these ports at either end; empty: all. */
  ports: number[];
  /** Connections that are left out by a port at either end. */
  excludePorts: number[];
  /** Inodes of network namespaces; empty: all. */
  netns: number[];
  /** The command to record; empty: until a signal. */
  command: string[];
  /** Keep the command's arguments in the capture too. */
  withArgs?: boolean;
  /** Called once when everything that happens from now on is recorded, before the command starts. */
  onStart?: () => void;
  /** A capture of what a flight recorder held was made, or why not. */
  onSnapshot?: (outcome: { file?: string; error?: string }) => void;
  onStatus?: (status: RecordStatus) => void;
  /** Ends the recording as SIGTERM does, for callers inside this process. */
  signal?: AbortSignal;
}

/** How the recording stands, each second. */
export interface RecordStatus {
  elapsedMs: number;
  events: number;
  eventsPerS: number;
  lost: number;
  fileBytes: number;
}

/** What a recording was. */
export interface RecordSummary {
  file: string;
  /** What the capture holds; the recording may have been longer. */
  durationMs: number;
  events: number;
  eventBytes: number;
  lost: number;
  fileBytes: number;
  /** Milliseconds before `durationMs` of which nothing was kept. */
  droppedMs: number;
  /** Exit status of the recorded command, null where there was none. */
  commandStatus: number | null;
  containers: number;
  notes: string[];
}
