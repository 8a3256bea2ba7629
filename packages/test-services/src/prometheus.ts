import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { inTemporaryFolder, startDaemon } from './daemon.ts';
import { onFreePort } from './port.ts';
import { findProgram } from './program.ts';

export interface PrometheusOptions {
  /** What to scrape: per job the addresses of metrics pages, such as `http://127.0.0.1:8080/metrics`. */
  targets: { job: string; urls: string[] }[];
  /** In Prometheus's notation; default `1s`. */
  scrapeInterval?: string;
}

export interface Prometheus {
  /** Base of its HTTP API, without a slash at the end. */
  url: string;
  stop(): Promise<void>;
}

/**
 * A Prometheus with an empty database. It looks at its list of targets every 5 s, so the first samples come that long
 * after the start, whatever the scrape interval.
 * @throws UserError when it is not installed.
 */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const program = findProgram('prometheus');
  if (!program) throw new UserError('no Prometheus found', { hint: "Call provision(['prometheus']) first." });
  return onFreePort((port) =>
    inTemporaryFolder('prometheus', async (folder) => {
      const config = join(folder, 'prometheus.yml');
      await writeFile(config, JSON.stringify(settings(options)));
      const address = `127.0.0.1:${port}`;
      const flags = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`];
      const { stop } = await startDaemon({
        name: 'prometheus',
        argv: [program, ...flags, `--web.listen-address=${address}`],
        folder,
        ready: async () => (await fetch(`http://${address}/-/ready`)).ok,
      });
      return { url: `http://${address}`, stop };
    }),
  );
}

function settings(options: PrometheusOptions): object {
  const interval = options.scrapeInterval ?? '1s';
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    scrape_configs: options.targets.map(({ job, urls }) => ({
      job_name: job,
      static_configs: urls.map((url) => staticTarget(new URL(url))),
    })),
  };
}

/** Scheme, path and query are labels of the target, so that the addresses of one job may differ in them. */
function staticTarget(url: URL): object {
  const parameters = [...url.searchParams].map(([name, value]) => [`__param_${name}`, value]);
  return {
    targets: [url.port ? url.host : `${url.hostname}:${url.protocol === 'https:' ? 443 : 80}`],
    labels: {
      __scheme__: url.protocol.slice(0, -1),
      __metrics_path__: url.pathname,
      ...Object.fromEntries(parameters),
    },
  };
}
