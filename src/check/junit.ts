/** JUnit's XML, as CI servers read it: a suite for each capture, a case for each assertion. */
import type { Outcome } from './evaluate.js';

export interface Checked {
  capture: string;
  outcomes: readonly Outcome[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for an element or attribute; characters that XML 1.0 does not have give way to U+FFFD. */
function xml(text: string): string {
  return text
    .replace(
      /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '\ufffd',
    )
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

function caseOf({ capture }: Checked, { assertion, verdict, shown, evidence }: Outcome): string {
  const open = `    <testcase classname="${xml(capture)}" name="${xml(assertion)}"`;
  const message = `${shown}: ${evidence}`;
  if (verdict === 'pass')
    return `${open}>\n      <system-out>${xml(message)}</system-out>\n    </testcase>`;
  const element = verdict === 'fail' ? 'failure' : 'error';
  return `${open}>\n      <${element} type="${xml(verdict)}" message="${xml(message)}"/>\n    </testcase>`;
}

/** An assertion that is not known is an error, one that does not hold a failure. No times: they are no part of a verdict. */
export function toJunit(checked: readonly Checked[]): string {
  const suites = checked.map((one) => {
    const of = (verdict: Outcome['verdict']): number =>
      one.outcomes.filter((outcome) => outcome.verdict === verdict).length;
    const cases = one.outcomes.map((outcome) => caseOf(one, outcome)).join('\n');
    return (
      `  <testsuite name="dhrishti check ${xml(one.capture)}" tests="${one.outcomes.length}" ` +
      `failures="${of('fail')}" errors="${of('not known')}">\n${cases}\n  </testsuite>\n`
    );
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}
