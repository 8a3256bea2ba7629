import { formatDuration, type Log } from '@slipway/kernel';
import { readDurations } from '@slipway/migrations';
import type { MigrationSession } from '@slipway/postgres';
import type { MigrationFile } from '@slipway/release';

/** How long what is done is gathered for the log: small files run by the hundred in that time. */
const gatherMs = 250;

export interface DurationLog {
  /** Logs what is done, soon. */
  schedule(): void;
  /** Logs it now. @returns when all of it is in the log. */
  flush(): Promise<void>;
}

/**
 * Logs files that are done while others run, with how long each took: several are sent at once, so that only the server
 * knows. @param of.files Grows as files are done; the time of each is written into it.
 */
export function logDurations(of: {
  session: Pick<MigrationSession, 'observer'>;
  log: Pick<Log, 'info'>;
  journal: string;
  files: readonly MigrationFile[];
}): DurationLog {
  let logged = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const files = of.files.slice(logged);
    logged = of.files.length;
    writing = writing.then(async () => {
      const lines = await addDurations(of.session, of.journal, files);
      if (lines.length > 0) of.log.info(lines.join('\n'));
    });
    return writing;
  };
  return {
    schedule() {
      timer ??= setTimeout(write, gatherMs);
    },
    flush: write,
  };
}

/** @returns a line for each file. */
async function addDurations(
  { observer }: Pick<MigrationSession, 'observer'>,
  journal: string,
  files: readonly MigrationFile[],
): Promise<string[]> {
  const versions = files.map(({ version }) => version).filter((version) => version !== '');
  // The files are applied, whether or not the server can say how long that took.
  const times =
    versions.length > 0 ? await readDurations(observer, journal, versions).catch(() => null) : null;
  return files.map((file) => {
    const ms = times?.get(file.version) ?? file.ms;
    if (ms !== undefined) file.ms = ms;
    return ms === undefined ? file.file : `${file.file} in ${formatDuration(ms)}`;
  });
}
