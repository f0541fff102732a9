/** What a comparison of two sides says; a side is one recording, or several of the same thing. */
import type { CaptureInfo, Edge } from '../analyze/model.js';

/** Chance of even one false alarm in a whole comparison, if its assumptions hold. */
export const LEVEL = 0.01;
/** Times must differ by this share and by this many µs: two runs of the same thing do differ. */
export const LEAST_RATIO = 1.3;
export const LEAST_US = 1000;
/** Failures must differ by this many, and by this share of the connections. */
export const LEAST_FAILURES = 3;
export const LEAST_SHARE = 0.01;

export type Kind = 'appeared' | 'vanished' | 'slowed' | 'sped up' | 'failed more' | 'failed less';

/** An edge's numbers on one side: of several recordings the median of each. */
export type Side = Pick<Edge, 'connections' | 'failures' | 'exchanges' | 'p50Us' | 'p95Us'> & {
  rate: number;
};

/** One comparison of one edge. */
export interface Comparison {
  /** `gateway → auth:8081`. */
  edge: string;
  kind: Kind;
  /** What was compared: the edge's being there, its typical time, its slow times, its failures. */
  measure: 'edge' | 'p50' | 'p95' | 'failures';
  /** From what to what, in words. */
  size: string;
  /** µs, failures or active steps. */
  before: number;
  after: number;
  /** After Holm's correction. */
  p: number;
  /** It is as large as is worth telling. */
  large: boolean;
  /** … and is not chance. */
  beyondNoise: boolean;
}

export interface EdgeRow {
  edge: string;
  before: Side | null;
  after: Side | null;
}

/** Where the noise was read from: between slices of the one recording a side, or between recordings. */
export type Noise = 'within' | 'between';

export interface Difference {
  before: CaptureInfo[];
  after: CaptureInfo[];
  noise: Noise;
  edges: EdgeRow[];
  /** All comparisons; those beyond noise first, each the surest first. */
  comparisons: Comparison[];
  /** Edges whose times could not be compared. */
  untimed: string[];
  /** What to know before believing it. */
  notes: string[];
}
