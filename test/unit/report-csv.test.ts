/** CSV that any reader takes back, and that no spreadsheet runs. */
import { expect, test } from 'vitest';
import { toCsv } from '../../src/report/client/table/csv.js';

test('values are quoted where they must be, formulas are text, unknown is empty', () => {
  expect(
    toCsv([
      ['Edge', 'p95'],
      ['a → "b", c', 1.5],
      ['=HYPERLINK("x")', null],
      ['-1+2', -3],
    ]),
  ).toBe('Edge,p95\r\n"a → ""b"", c",1.5\r\n"\'=HYPERLINK(""x"")",\r\n\'-1+2,-3\r\n');
});
