// Runs in the reader's browser, after uPlot: draws each chart from the data in the page, in the colours of the style sheet,
// and again when the width, the colour scheme or the medium (paper) changes. A script, not a module: it imports nothing.

type UPlot = import('uplot');
type UPlotOptions = import('uplot').Options;
type UPlotAxis = import('uplot').Axis;

declare const uPlot: new (
  options: UPlotOptions,
  data: import('uplot').AlignedData,
  target: HTMLElement,
) => UPlot;

(() => {
  /** One chart; the page embeds them as ChartData of src/charts.ts. */
  interface Chart {
    objective: number;
    seconds: number[];
    fractions: (number | null)[];
  }

  type Colours = Record<'accent' | 'wash' | 'bad' | 'quiet' | 'rule', string>;

  const font = '12px system-ui, sans-serif';
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
  const charts: Record<string, Chart> = JSON.parse(document.getElementById('charts')?.textContent ?? '{}');

  function percent(value: number): string {
    return `${Number((value * 100).toPrecision(value >= 0.99 ? 4 : 2))} %`;
  }

  function since(seconds: number): string {
    return seconds < 60 ? `${Math.round(seconds)} s` : `${Number((seconds / 60).toFixed(1))} min`;
  }

  function axis(colours: Colours, label: (value: number) => string, size: number, space: number): UPlotAxis {
    return {
      stroke: colours.quiet,
      font,
      size,
      space,
      values: (_plot, ticks) => ticks.map(label),
      grid: { stroke: colours.rule, width: 1 },
      ticks: { stroke: colours.rule, width: 1, size: 4 },
    };
  }

  function options(chart: Chart, width: number, colours: Colours): UPlotOptions {
    return {
      width,
      height: 190,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false },
        y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, chart.objective * 1.6, 0.001)] },
      },
      axes: [{ ...axis(colours, since, 28, 70), incrs: steps }, axis(colours, percent, 56, 34)],
      series: [
        {},
        {
          stroke: colours.accent,
          fill: colours.wash,
          width: 1.75,
          spanGaps: false,
          points: { show: chart.seconds.length <= 60, size: 4, fill: colours.accent },
        },
        { stroke: colours.bad, width: 1.5, dash: [6, 4], points: { show: false } },
      ],
      hooks: { draw: [(plot) => labelObjective(plot, chart, colours)] },
    };
  }

  function labelObjective(plot: UPlot, chart: Chart, colours: Colours): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.fillStyle = colours.bad;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    const right = bbox.left + bbox.width - 4 * devicePixelRatio;
    const above = plot.valToPos(chart.objective, 'y', true) - 3 * devicePixelRatio;
    ctx.fillText(`objective ${percent(chart.objective)}`, right, above);
    ctx.restore();
  }

  function readColours(): Colours {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    return {
      accent: colour('accent'),
      wash: colour('wash'),
      bad: colour('bad'),
      quiet: colour('quiet'),
      rule: colour('rule'),
    };
  }

  function draw(): void {
    const colours = readColours();
    for (const [id, chart] of Object.entries(charts)) {
      const holder = document.getElementById(id);
      if (!holder) continue;
      holder.replaceChildren();
      const objective = chart.seconds.map(() => chart.objective);
      new uPlot(
        options(chart, holder.clientWidth, colours),
        [chart.seconds, chart.fractions, objective],
        holder,
      );
    }
  }

  let width = 0;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    draw();
  });
  for (const query of ['(prefers-color-scheme: dark)', 'print'])
    matchMedia(query).addEventListener('change', draw);
  draw();
})();
