/** Process ids of nginx workers, those that take new requests and those that only finish old ones. */
export interface Workers {
  active: string[];
  draining: string[];
}

/** Reads the output of `docker top … -o pid,args`. */
export function parseWorkers(top: string): Workers {
  const workers: Workers = { active: [], draining: [] };
  for (const line of top.split('\n')) {
    const [, pid, shuttingDown] = /^\s*(\d+)\s+nginx: worker process( is shutting down)?/.exec(line) ?? [];
    if (pid) workers[shuttingDown ? 'draining' : 'active'].push(pid);
  }
  return workers;
}
