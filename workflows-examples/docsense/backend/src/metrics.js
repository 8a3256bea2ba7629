/**
 * A small registry that prints the Prometheus text format. Every sample carries the instance (the container's
 * hostname), because a reverse proxy sends each scrape to another container.
 *
 * @typedef {Record<string, string>} Labels
 * @typedef {() => Iterable<[Labels, number]>} Collect
 */
export class Metrics {
  /** @type {(() => string[])[]} */
  #families = [];
  #instance;

  /** @param {string} instance */
  constructor(instance) {
    this.#instance = instance;
  }

  /**
   * @param {string} name
   * @param {string} help
   * @param {Labels[]} born label sets that are printed as 0 before their first event, so that no increase is missed
   */
  counter(name, help, born = []) {
    /** @type {Map<string, [Labels, number]>} */
    const series = new Map(born.map((labels) => [JSON.stringify(labels), [labels, 0]]));
    this.#add(name, help, 'counter', () => [...series.values()].map((entry) => this.#sample(name, ...entry)));
    return {
      /** @param {Labels} labels */
      increment(labels) {
        const key = JSON.stringify(labels);
        series.set(key, [labels, (series.get(key)?.[1] ?? 0) + 1]);
      },
    };
  }

  /**
   * @param {string} name
   * @param {string} help
   * @param {Collect} collect asked at every scrape
   * @param {'gauge' | 'counter'} type
   */
  observe(name, help, collect, type = 'gauge') {
    this.#add(name, help, type, () => [...collect()].map((entry) => this.#sample(name, ...entry)));
  }

  /**
   * @param {string} name
   * @param {string} help
   * @param {number[]} bounds upper bounds, ascending; +Inf is added
   */
  histogram(name, help, bounds) {
    /** @type {Map<string, {labels: Labels, counts: number[], sum: number, count: number}>} */
    const series = new Map();
    this.#add(name, help, 'histogram', () =>
      [...series.values()].flatMap(({ labels, counts, sum, count }) => [
        ...bounds.map((le, i) => this.#sample(`${name}_bucket`, { ...labels, le: `${le}` }, counts[i] ?? 0)),
        this.#sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
        this.#sample(`${name}_sum`, labels, sum),
        this.#sample(`${name}_count`, labels, count),
      ]),
    );
    return {
      /**
       * @param {Labels} labels
       * @param {number} value
       */
      observe(labels, value) {
        const key = JSON.stringify(labels);
        const entry = series.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 };
        entry.counts = entry.counts.map((n, i) => n + (value <= /** @type {number} */ (bounds[i]) ? 1 : 0));
        entry.sum += value;
        entry.count += 1;
        series.set(key, entry);
      },
    };
  }

  print() {
    return `${this.#families.flatMap((family) => family()).join('\n')}\n`;
  }

  /**
   * @param {string} name
   * @param {string} help
   * @param {string} type
   * @param {() => string[]} samples
   */
  #add(name, help, type, samples) {
    this.#families.push(() => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples()]);
  }

  /**
   * @param {string} name
   * @param {Labels} labels
   * @param {number} value
   */
  #sample(name, labels, value) {
    const printed = Object.entries({ ...labels, instance: this.#instance })
      .map(
        ([label, text]) => `${label}="${text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
      )
      .join(',');
    return `${name}{${printed}} ${value}`;
  }
}
