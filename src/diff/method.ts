/** What decides, in words for people; docs/diff.md says more. */
import { LEAST_FAILURES, LEAST_RATIO, LEAST_SHARE, LEAST_US, LEVEL } from './model.js';
import type { Noise } from './model.js';

const least = `${Math.round((LEAST_RATIO - 1) * 100)} %`;

const TESTED: Readonly<Record<Noise, string>> = {
  within:
    'One recording a side, so the noise is read from within: exchanges of one moment are not independent, so units of time are compared (1 s, longer where there is little traffic), ' +
    'each by its median, its share of slow exchanges, its share of failures. Mann–Whitney’s U on the units, exact for few, with a larger error for units that resemble their neighbours. ' +
    `What differs from one run to the next does not show within one: times that differ by up to ${least} or ${LEAST_US / 1000} ms are taken to be alike, and so is what all edges did alike (the one in the middle); a difference must be beyond that by more than the noise. ` +
    'With several recordings a side nothing of that is assumed. ',
  between:
    'Several recordings on a side, so the spread between them is the noise: Student’s t on the logarithms of each recording’s p50 and p95, and on its share of failures; an edge is taken to spread at least as the one in the middle does. ' +
    'It assumes recordings that are independent, and that both sides spread alike. ',
};

export function methodOf(noise: Noise): string {
  return (
    `${TESTED[noise]}Holm’s correction over all comparisons, below ${LEVEL}. An edge on one side only: the chance that all of its active steps fell there. ` +
    `Told only where times differ by ${least} and ${LEAST_US / 1000} ms, failures by ${LEAST_FAILURES} and ${LEAST_SHARE * 100} % of the connections. ` +
    'It assumes the same load on machines as busy: recordings cannot tell a change of the system from one of its surroundings.'
  );
}
