/** What is compared: an edge in the recordings of both sides. */
import type { Undigested } from '../analyze/digest.js';
import type { Edge } from '../analyze/model.js';
import type { Comparison, Noise } from './model.js';

/** A comparison before the correction for there being many. */
export type Draft = Omit<Comparison, 'beyondNoise'>;

/** One recording, and the edge in it. */
export interface Seen {
  analysis: Undigested;
  edge: Edge;
}

export interface Pair {
  name: string;
  /** The recordings that have the edge. */
  before: Seen[];
  after: Seen[];
}

/** All recordings, and how they are compared. */
export interface Frame {
  noise: Noise;
  before: readonly Undigested[];
  after: readonly Undigested[];
  /** Between recordings: what an edge's logarithms spread by at least. */
  floor: ByMeasure;
  /** Within one recording a side: by how much all edges became slower alike, as a logarithm. */
  shift: ByMeasure;
}

export type Measure = 'p50' | 'p95';
export type ByMeasure = Record<Measure, number>;
