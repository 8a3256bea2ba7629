/**
 * What `prisma migrate deploy` does, as a program: its engine as WebAssembly, since its binary would have to be
 * downloaded. `node prisma-deploy.ts <folder of migrations>`, DATABASE_URL in the environment; prints what it applied.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';

const baseDir = path.resolve(process.argv[2] ?? '.');
const connectionString = process.env.DATABASE_URL ?? '';

async function start(): Promise<void> {
  const module = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = readFileSync(module.replace(/\.js$/, '.wasm'));
  // The types that the compiler knows are those of ECMAScript, without WebAssembly's.
  const { WebAssembly: assembly } = globalThis as unknown as {
    WebAssembly: {
      instantiate(
        code: Buffer,
        imports: object,
      ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
    };
  };
  const { instance } = await assembly.instantiate(bytes, { './schema_engine_bg.js': engine });
  (engine as unknown as { __wbg_set_wasm(exports: object): void }).__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

function migrationDirectories() {
  return readdirSync(baseDir)
    .map((name) => ({ name, script: path.join(baseDir, name, 'migration.sql') }))
    .filter(({ script }) => existsSync(script))
    .map(({ name, script }) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: readFileSync(script, 'utf8') },
      },
    }));
}

await start();
const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString }));
const session = await engine.SchemaEngine.new({ datamodels: undefined }, () => {}, factory);
const lockfile = path.join(baseDir, 'migration_lock.toml');
const { appliedMigrationNames } = await session.applyMigrations({
  filters: { externalTables: [], externalEnums: [] },
  migrationsList: {
    baseDir,
    shadowDbInitScript: '',
    lockfile: {
      path: 'migration_lock.toml',
      content: existsSync(lockfile) ? readFileSync(lockfile, 'utf8') : null,
    },
    migrationDirectories: migrationDirectories(),
  },
});
console.log(`applied ${appliedMigrationNames.length}: ${appliedMigrationNames.join(', ')}`);
// The engine leaves a timer running.
process.exit(0);
