/**
 * @typedef {object} Configuration
 * @property {string} databaseUrl
 * @property {{min: number, max: number}} pool
 * @property {Record<string, boolean>} providers AI providers by name: is a key configured?
 * @property {string[]} corsOrigins
 * @property {'DEBUG' | 'INFO' | 'WARNING' | 'ERROR'} logLevel
 * @property {'json' | 'text'} logFormat
 * @property {string} environment
 * @property {number} port
 * @property {string} version
 * @property {string} commit
 */

const PROVIDERS = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY', gemini: 'GEMINI_API_KEY' };

/**
 * Reads the whole configuration from the environment. Every problem is collected, so that one start shows them all,
 * and no problem quotes a value: connection strings and keys are secrets.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {{configuration: Configuration, problems: string[]}}
 */
export function readConfiguration(env) {
  /** @type {string[]} */
  const problems = [];
  const read = reader(env, problems);
  const providers = Object.fromEntries(
    Object.entries(PROVIDERS).map(([name, variable]) => [name, Boolean(env[variable]?.trim())]),
  );
  if (!Object.values(providers).includes(true)) {
    problems.push('At least one AI provider API key must be configured');
  }
  const environment = read.oneOf('ENVIRONMENT', ['development', 'staging', 'production'], 'development');
  const configuration = {
    databaseUrl: read.databaseUrl('DATABASE_URL'),
    pool: { min: read.integer('DB_POOL_MIN_SIZE', 10, 0), max: read.integer('DB_POOL_MAX_SIZE', 50, 1) },
    providers,
    corsOrigins: read.origins('CORS_ORIGINS', environment),
    logLevel: read.oneOf('LOG_LEVEL', ['DEBUG', 'INFO', 'WARNING', 'ERROR'], 'INFO'),
    logFormat: read.oneOf('LOG_FORMAT', ['json', 'text'], 'json'),
    environment,
    port: read.integer('PORT', 3000, 0),
    version: env.APP_VERSION || '0.0.0-dev',
    commit: env.APP_COMMIT || 'unknown',
  };
  if (configuration.pool.min > configuration.pool.max) {
    problems.push('DB_POOL_MIN_SIZE must not be larger than DB_POOL_MAX_SIZE');
  }
  return { configuration, problems };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} problems
 */
function reader(env, problems) {
  return {
    /** @param {string} name */
    databaseUrl(name) {
      const value = env[name] ?? '';
      if (!value) problems.push(`${name} must be set`);
      else if (!isPostgresUrl(value)) {
        problems.push(`${name} must look like postgresql://user:password@host:port/database`);
      }
      return value;
    },

    /**
     * @param {string} name
     * @param {number} fallback
     * @param {number} least
     */
    integer(name, fallback, least) {
      const value = env[name] || String(fallback);
      const valid = /^\d{1,5}$/.test(value) && Number(value) >= least;
      if (!valid) problems.push(`${name} must be a whole number of at least ${least}`);
      return valid ? Number(value) : fallback;
    },

    /**
     * @template {string} T
     * @param {string} name
     * @param {readonly T[]} allowed
     * @param {NoInfer<T>} fallback
     * @returns {T}
     */
    oneOf(name, allowed, fallback) {
      const found = allowed.find((candidate) => candidate === (env[name] || fallback));
      if (found === undefined) problems.push(`${name} must be one of ${allowed.join(', ')}`);
      return found ?? fallback;
    },

    /**
     * @param {string} name
     * @param {string} environment
     */
    origins(name, environment) {
      const origins = (env[name] ?? '').split(',').flatMap((origin) => origin.trim() || []);
      if (origins.length === 0) problems.push(`${name} must list at least one origin`);
      if (!origins.every(isOrigin)) {
        problems.push(`${name} must be a comma-separated list of origins such as https://app.example.com`);
      } else if (environment === 'production' && !origins.every(isSecureOrigin)) {
        problems.push(`${name} must use https in production`);
      }
      return origins;
    },
  };
}

/** @param {string} value */
function isPostgresUrl(value) {
  const url = URL.parse(value);
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.host !== '' && url.pathname.length > 1;
}

/** @param {string} value */
function isOrigin(value) {
  return /^https?:/.test(value) && URL.parse(value)?.origin === value;
}

/** @param {string} value Plain http is left to this machine itself, where no network can listen in. */
function isSecureOrigin(value) {
  return value.startsWith('https:') || ['localhost', '127.0.0.1'].includes(new URL(value).hostname);
}
