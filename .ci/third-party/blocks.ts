// What Slack's own package takes as the blocks of a message, and blocks that it must refuse: where it takes one of those,
// `tsc` fails, for then it would take anything.

import type { KnownBlock } from '@slack/types';

// The package (3.2.0) knows no charts yet. Until it does, they are held against this, which says what Slack's reference
// says: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
interface ChartOfTheReference {
  type: 'data_visualization';
  block_id?: string;
  title: string;
  chart:
    | { type: 'pie'; segments: { label: string; value: number }[] }
    | {
        type: 'bar' | 'area' | 'line';
        series: { name: string; data: { label: string; value: number }[] }[];
        axis_config: { categories: string[]; x_label?: string; y_label?: string };
      };
}
type ChartOfThePackage = Extract<KnownBlock, { type: 'data_visualization' }>;
type Chart = [ChartOfThePackage] extends [never] ? ChartOfTheReference : ChartOfThePackage;

export type Blocks = (KnownBlock | Chart)[];

const text = { type: 'mrkdwn' as const, text: 'x' };
const cell = { type: 'raw_text' as const, text: 'x' };
const axis = { categories: ['x'] };

export const wrong: Blocks = [
  // @ts-expect-error: no such block
  { type: 'data_tables', caption: 'x', rows: [[cell], [cell]] },
  // @ts-expect-error: what a section has no place for
  { type: 'section', text, expanded: true },
  // @ts-expect-error: a header is plain text
  { type: 'header', text },
  // @ts-expect-error: a context holds texts, not strings
  { type: 'context', elements: ['x'] },
  // @ts-expect-error: a table without its caption
  { type: 'data_table', rows: [[cell], [cell]] },
  // @ts-expect-error: cells are no mrkdwn
  { type: 'data_table', caption: 'x', rows: [[cell], [text]] },
  // @ts-expect-error: a number is shown by a text
  { type: 'data_table', caption: 'x', rows: [[cell], [{ type: 'raw_number', value: 1 }]] },
  // @ts-expect-error: a chart's numbers are no texts
  { type: 'data_visualization', title: 'x', chart: { type: 'line', series: [{ name: 'x', data: [{ label: 'x', value: '1' }] }], axis_config: axis } },
  // @ts-expect-error: a line without its axis
  { type: 'data_visualization', title: 'x', chart: { type: 'line', series: [] } },
];
