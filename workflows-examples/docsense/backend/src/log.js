const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];

/**
 * @typedef {Record<'debug' | 'info' | 'warning' | 'error', (message: string, fields?: Record<string, unknown>) => void>} Log
 */

/**
 * One line per entry on standard output: JSON for machines, or text for a terminal.
 *
 * @param {{logLevel: string, logFormat: string}} configuration
 * @param {Record<string, unknown>} context fields that every entry carries
 * @returns {Log}
 */
export function createLog({ logLevel, logFormat }, context) {
  const threshold = LEVELS.indexOf(logLevel);
  /** @param {string} level */
  const writer = (level) => {
    /**
     * @param {string} message
     * @param {Record<string, unknown>} [fields]
     */
    return (message, fields = {}) => {
      if (LEVELS.indexOf(level) < threshold) return;
      const time = new Date().toISOString();
      const line =
        logFormat === 'json'
          ? JSON.stringify({ time, level, message, ...context, ...fields })
          : `${time} ${level} ${message} ${Object.keys(fields).length > 0 ? JSON.stringify(fields) : ''}`.trimEnd();
      process.stdout.write(`${line}\n`);
    };
  };
  return { debug: writer('DEBUG'), info: writer('INFO'), warning: writer('WARNING'), error: writer('ERROR') };
}
