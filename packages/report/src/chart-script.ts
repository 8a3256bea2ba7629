/**
 * Runs in the reader's browser, after uPlot: draws each chart from the embedded data, in the colours of the style
 * sheet, and again when the width, the colour scheme or the medium (paper) changes.
 */
export const chartScript = `'use strict';
(() => {
  const data = JSON.parse(document.getElementById('charts').textContent);
  const percent = (value) => Number((value * 100).toPrecision(value >= 0.99 ? 4 : 2)) + ' %';
  const since = (seconds) => seconds < 60 ? Math.round(seconds) + ' s' : Number((seconds / 60).toFixed(1)) + ' min';
  const font = '12px system-ui, sans-serif';

  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

  const axis = (colours, values, size, space, rest) => ({
    ...rest, stroke: colours.quiet, font, size, space, values: (_, ticks) => ticks.map(values),
    grid: { stroke: colours.rule, width: 1 }, ticks: { stroke: colours.rule, width: 1, size: 4 },
  });

  const options = (chart, holder, colours) => ({
    width: holder.clientWidth, height: 190, legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: false },
      y: { range: (_, low, high) => [0, Math.max(high * 1.1, chart.objective * 1.6, 0.001)] },
    },
    axes: [axis(colours, since, 28, 70, { incrs: steps }), axis(colours, percent, 56, 34, {})],
    series: [
      {},
      { stroke: colours.accent, fill: colours.wash, width: 1.75, spanGaps: false,
        points: { show: chart.seconds.length <= 60, size: 4, fill: colours.accent } },
      { stroke: colours.bad, width: 1.5, dash: [6, 4], points: { show: false } },
    ],
    hooks: { draw: [(plot) => labelObjective(plot, chart, colours)] },
  });

  const labelObjective = (plot, chart, colours) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.font = 12 * devicePixelRatio + 'px system-ui, sans-serif';
    ctx.fillStyle = colours.bad;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    ctx.fillText('objective ' + percent(chart.objective), bbox.left + bbox.width - 4 * devicePixelRatio,
      plot.valToPos(chart.objective, 'y', true) - 3 * devicePixelRatio);
    ctx.restore();
  };

  const draw = () => {
    const style = getComputedStyle(document.documentElement);
    const colours = Object.fromEntries(['accent', 'wash', 'bad', 'quiet', 'rule']
      .map((name) => [name, style.getPropertyValue('--' + name).trim()]));
    for (const [id, chart] of Object.entries(data)) {
      const holder = document.getElementById(id);
      holder.replaceChildren();
      const line = chart.seconds.map(() => chart.objective);
      new uPlot(options(chart, holder, colours), [chart.seconds, chart.fractions, line], holder);
    }
  };

  let width = 0;
  addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; draw(); } });
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', draw);
  draw();
})();
`;
