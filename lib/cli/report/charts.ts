import { CustomChart, LineChart } from 'echarts/charts';
import { GridSimpleComponent, LegendPlainComponent, TitleComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

// All that a report draws with. Only the command `report` loads it: it is larger than the rest of the command.
use([CustomChart, LineChart, GridSimpleComponent, LegendPlainComponent, TitleComponent, SVGRenderer]);

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface SvgPainter {
  renderToString(options: { cssAnimation: boolean; cssEmphasis: boolean }): string;
}

/** The picture of an option as an element `svg`. */
export function renderChart(option: EChartsCoreOption, { width, height }: Size): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, ...option });
    // Nothing moves and nothing is pointed at: no styles for that, which would be those of the whole page.
    const painter = chart.getZr().painter as unknown as SvgPainter;
    return painter.renderToString({ cssAnimation: false, cssEmphasis: false });
  } finally {
    chart.dispose();
  }
}
