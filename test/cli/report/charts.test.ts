import { describe, expect, it } from 'vitest';
import { renderChart } from '../../../lib/cli/report/charts.ts';

const option = {
  xAxis: { type: 'value' },
  yAxis: { type: 'value' },
  series: [{ type: 'line', data: [[1, 2]], symbol: 'circle' }],
};

describe('renderChart', () => {
  it('draws without a page, at the size that is asked for', () => {
    expect(renderChart(option, { width: 300, height: 200 })).toMatch(
      /^<svg width="300" height="200"[^>]* viewBox="0 0 300 200"/,
    );
  });

  it('brings no styles and nothing that moves', () => {
    expect(renderChart(option, { width: 300, height: 200 })).not.toMatch(/<style|class=|animat/);
  });
});
